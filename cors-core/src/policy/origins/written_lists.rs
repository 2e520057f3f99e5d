//! Several origins in one text, of which only a part is written several times: `https://{a,b}.example`
//! and `http://localhost:3000,3001`.

/// The most items that stand for one text. A longer list is easier to read where it is written.
pub(super) const MAX_ITEMS: usize = 16;

/// Returns the texts that are meant, right or wrong; `None` where nothing is written several times.
pub(super) fn texts(written: &str) -> Option<Vec<String>> {
    let texts = of_ports(written).or_else(|| of_braces(written))?;
    (texts.len() <= MAX_ITEMS).then_some(texts)
}

/// Returns a text for each port: `:3000,3001`, `:[3000,3001]`, `:{3000,3001}`.
fn of_ports(written: &str) -> Option<Vec<String>> {
    let (before, ports) = written.trim().trim_end_matches('/').rsplit_once(':')?;
    let brackets = [('[', ']'), ('{', '}'), ('(', ')')];
    let inner = brackets
        .iter()
        .find_map(|(open, close)| ports.strip_prefix(*open)?.strip_suffix(*close));
    let ports = inner.unwrap_or(ports);
    let is_port = |byte: u8| byte.is_ascii_digit() || matches!(byte, b',' | b'-' | b' ');
    let host = before.rsplit('/').next()?;
    let is_list = ports.contains(',') && ports.bytes().all(is_port);
    // The colon may be one of an IPv6 address.
    if !is_list || host.is_empty() || (host.contains(':') && !host.ends_with(']')) {
        return None;
    }
    let ports = ports.split(',').map(str::trim);
    Some(
        ports
            .filter(|port| !port.is_empty())
            .map(|port| format!("{before}:{port}"))
            .collect(),
    )
}

/// Returns a text for each alternative between braces, as shells and globs do.
fn of_braces(written: &str) -> Option<Vec<String>> {
    let mut texts = vec![String::new()];
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('{') {
        let (inner, after) = after.split_once('}')?;
        let parts: Vec<_> = inner.split(',').map(str::trim).collect();
        let is_bounded = parts.len() > 1 && texts.len() * parts.len() <= MAX_ITEMS;
        if !is_bounded || inner.contains('{') {
            return None;
        }
        texts = texts
            .iter()
            .flat_map(|text| {
                parts
                    .iter()
                    .map(move |part| format!("{text}{before}{part}"))
            })
            .collect();
        rest = after;
    }
    if texts.len() < 2 {
        return None;
    }
    texts.iter_mut().for_each(|text| text.push_str(rest));
    Some(texts)
}
