//! The browser model: when it asks first and for what, and how it judges responses, beside the
//! standard written down a second time.

#![no_main]

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use cors_core::browser::{
    Browser, Credentials, HeaderList, Request, Response, cors_check, exposed_header_names,
    preflight_check, preflight_max_age,
};
use cors_fuzz::fetch::{self, Asked};
use cors_fuzz::head::{Line, text_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = run(&mut Unstructured::new(bytes));
});

const ORIGINS: [&str; 4] = [
    "https://a.example",
    "http://localhost:3000",
    "null",
    "app://.",
];

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let Some((request, kept)) = request(input)? else {
        return Ok(());
    };
    let credentials = *input.choose(&[
        Credentials::Omit,
        Credentials::SameOrigin,
        Credentials::Include,
    ])?;
    let (listens, streams) = (input.ratio(1, 5)?, input.ratio(1, 5)?);
    let request = request
        .credentials(credentials)
        .upload_listener(listens)
        .stream_body(streams);

    let unsafe_names = fetch::unsafe_names(&kept);
    let origin = *input.choose(&ORIGINS)?;
    let asked = Asked {
        origin,
        credentials,
        method: request.method(),
        unsafe_names: &unsafe_names,
        has_flag: listens || streams,
    };
    let is_safe = ["GET", "HEAD", "POST"].contains(&request.method());
    let asks = !is_safe || !unsafe_names.is_empty() || listens || streams;
    check_preflight(&request, asks, &unsafe_names);

    let status = *input.choose(&[200, 204, 299, 199, 300, 304, 403, 500])?;
    let lines = response_lines(input)?;
    let headers: HeaderList = lines
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect();
    let context = || format!("{request:?} from {origin}: {status} {lines:?}");
    let may_read = fetch::passes_cors_check(origin, credentials, &lines);
    let may_send = fetch::passes_preflight_check(&asked, status, &lines);
    let found = cors_check(origin, credentials, &headers).is_ok();
    assert_eq!(found, may_read, "CORS check: {}", context());
    let found = preflight_check(origin, &request, status, &headers).is_ok();
    assert_eq!(found, may_send, "preflight: {}", context());
    assert_eq!(
        preflight_max_age(&headers),
        fetch::max_age(&lines),
        "age: {}",
        context()
    );
    let exposed = fetch::exposed(credentials, &lines);
    assert_eq!(
        exposed_header_names(credentials, &headers),
        exposed,
        "{}",
        context()
    );

    // All of it together: one server that says the same to the preflight and to the request.
    let mut sent = Vec::new();
    let url = "https://api.example/";
    let outcome = Browser::new().fetch(Duration::ZERO, origin, url, &request, |request| {
        sent.push(request.is_preflight());
        let mut response = Response::new(status);
        response.headers_mut().extend(headers.iter());
        response
    });
    let meant = match (asks, may_send) {
        (true, true) => vec![true, false],
        (true, false) => vec![true],
        (false, _) => vec![false],
    };
    assert_eq!(sent, meant, "sent: {}", context());
    assert_eq!(
        outcome.is_ok(),
        (!asks || may_send) && may_read,
        "{outcome:?}: {}",
        context()
    );
    Ok(())
}

fn check_preflight(request: &Request, asks: bool, unsafe_names: &[String]) {
    let preflight = request.preflight();
    assert_eq!(preflight.is_some(), asks, "{request:?}: {preflight:?}");
    assert_eq!(request.needs_preflight().is_empty(), !asks, "{request:?}");
    let Some(preflight) = preflight else {
        return;
    };
    assert_eq!(preflight.request_method(), request.method());
    let names = (!unsafe_names.is_empty()).then(|| unsafe_names.join(","));
    assert_eq!(preflight.request_headers(), names.as_deref(), "{request:?}");
}

/// Makes a request, and the header lines that it has; `None` where a script may not make it.
fn request(input: &mut Unstructured<'_>) -> Result<Option<(Request, Vec<Line>)>> {
    const METHODS: &[&str] = &[
        "GET", "get", "HEAD", "POST", "PUT", "put", "PATCH", "patch", "DELETE", "QUERY", "OPTIONS",
        "TRACE", "connect", "", "a b", "*",
    ];
    let written: &str = if input.ratio(1, 16)? {
        input.arbitrary()?
    } else {
        input.choose(METHODS)?
    };
    let made = Request::new(written).ok();
    let method = fetch::method(written);
    assert_eq!(
        made.as_ref().map(Request::method),
        method.as_deref(),
        "{written:?}"
    );
    let Some(mut request) = made else {
        return Ok(None);
    };
    let mut kept = Vec::new();
    for _ in 0..input.int_in_range(0..=5)? {
        let (name, value) = header(input)?;
        // What quotes do within these is not written down twice.
        if name.to_ascii_lowercase().starts_with("x-") && value.contains(&b'"') {
            continue;
        }
        let meant = fetch::header_value(&value);
        match (request.clone().header(&name, &value), meant) {
            (Ok(with_header), Some(value)) => {
                request = with_header;
                if !fetch::is_forbidden(&name, value) {
                    // A name is spelled as where it stands first.
                    let first = kept
                        .iter()
                        .find(|(kept, _): &&Line| kept.eq_ignore_ascii_case(&name));
                    let name = first.map_or(name, |(first, _)| first.clone());
                    kept.push((name, value.to_vec()));
                }
            }
            (Err(_), None) => {}
            (made, meant) => panic!("{name}: {value:?} is {made:?}, meant {meant:?}"),
        }
    }
    let found: Vec<Line> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_vec()))
        .collect();
    assert_eq!(found, kept, "the lines of {request:?}");
    Ok(Some((request, kept)))
}

fn header(input: &mut Unstructured<'_>) -> Result<(String, Vec<u8>)> {
    const NAMES: &[&str] = &[
        "Accept",
        "accept",
        "Accept-Language",
        "content-language",
        "Content-Type",
        "content-type",
        "Range",
        "range",
        "Authorization",
        "X-A",
        "x-a",
        "X-B",
        "Cookie",
        "Sec-X",
        "proxy-x",
        "x-http-method-override",
        "X-Method-Override",
        "X-HTTP-Method",
        "set-cookie",
        "DNT",
    ];
    const PIECES: &[&str] = &[
        "text/plain",
        "TEXT/plain",
        "multipart/form-data",
        "application/json",
        "; charset=utf-8",
        ";",
        "/",
        " ",
        "\t",
        "bytes=",
        "0-",
        "-5",
        "5-4",
        "05-5",
        "18446744073709551616-",
        "en",
        ",",
        "*",
        "\"",
        "(",
        "{",
        "\u{1}",
        "\u{7f}",
        "\u{e9}",
        "TRACE",
        "connect",
        "GET",
        "=",
        "q=0.5",
        "application/x-www-form-urlencoded",
        "\n",
        "\r\n",
        "\0",
    ];
    let name = (*input.choose(NAMES)?).to_owned();
    let value = match input.int_in_range(0..=7)? {
        0 => input.arbitrary()?,
        1 => "a".repeat(input.int_in_range(100..=140)?).into_bytes(),
        2 => format!("text/plain;{}", " ".repeat(input.int_in_range(100..=130)?)).into_bytes(),
        _ => text_of(input, PIECES, 4)?.into_bytes(),
    };
    Ok((name, value))
}

/// Makes the lines of a response to a browser, those of the protocol above all.
fn response_lines(input: &mut Unstructured<'_>) -> Result<Vec<Line>> {
    const NAMES: &[&str] = &[
        "Content-Type",
        "X-Id",
        "etag",
        "Set-Cookie",
        "set-cookie2",
        "x-a",
    ];
    const LISTS: &[&str] = &[
        "*",
        "PUT",
        "put",
        "PATCH",
        "QUERY",
        "DELETE",
        "x-a",
        "X-A",
        "x-b",
        "authorization",
        "content-type",
        "accept",
        "range",
        "x-id",
        "set-cookie",
        ",",
        ",",
        ", ",
        " ,",
        "\t",
        " ",
        "a b",
        "(",
    ];
    const AGES: &[&str] = &[
        "0",
        "5",
        "600",
        "-1",
        "1.5",
        "",
        " 7",
        "99999999999999999999",
        "0x5",
    ];
    let mut lines = Vec::new();
    for _ in 0..input.int_in_range(0..=8)? {
        let (name, value) = match input.int_in_range(0..=9)? {
            0 | 1 => {
                let value = input.choose(&["*", "null", "", ORIGINS[0], ORIGINS[1], ORIGINS[3]])?;
                ("Access-Control-Allow-Origin", (*value).to_owned())
            }
            2 => {
                let value = input.choose(&["true", "true", "True", "false", ""])?;
                ("access-control-allow-credentials", (*value).to_owned())
            }
            3 | 4 => ("access-control-allow-methods", text_of(input, LISTS, 5)?),
            5 | 6 => ("Access-Control-Allow-Headers", text_of(input, LISTS, 7)?),
            7 => ("access-control-max-age", (*input.choose(AGES)?).to_owned()),
            8 => ("Access-Control-Expose-Headers", text_of(input, LISTS, 5)?),
            _ => (*input.choose(NAMES)?, "1".to_owned()),
        };
        lines.push((name.to_owned(), value.into_bytes()));
    }
    Ok(lines)
}
