//! The whole configuration of a proxy, with the exported part pasted into it.

use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::engine::Kind;

/// Writes a whole configuration around the exported part, as a user would paste it.
pub(crate) fn configure(
    kind: Kind,
    exported: &str,
    directory: &Path,
    listen: SocketAddr,
    app: SocketAddr,
) -> Result<PathBuf, Box<dyn Error>> {
    let file = directory.join("configuration.yaml");
    let text = match kind {
        Kind::Envoy => envoy(exported, listen, app),
        Kind::Nginx => nginx(exported, directory, listen, app)?,
    };
    fs::write(&file, text)?;
    Ok(file)
}

fn envoy(exported: &str, listen: SocketAddr, app: SocketAddr) -> String {
    let indented: String = exported
        .lines()
        .map(|line| format!("          {line}\n"))
        .collect();
    let socket = |address: SocketAddr| {
        let (ip, port) = (address.ip(), address.port());
        format!("socket_address: {{ address: {ip}, port_value: {port} }}")
    };
    format!(
        "static_resources:
  listeners:
  - address: {{ {} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          \"@type\": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: cors
{indented}
  clusters:
  - name: app
    connect_timeout: 5s
    type: STATIC
    load_assignment:
      cluster_name: app
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ {} }} }}
layered_runtime:
  layers:
  - name: static
    static_layer:
      re2.max_program_size.error_level: 10000
",
        socket(listen),
        socket(app)
    )
}

fn nginx(
    exported: &str,
    directory: &Path,
    listen: SocketAddr,
    app: SocketAddr,
) -> Result<String, Box<dyn Error>> {
    let (maps, server) = exported
        .split_once("# In server { .. }")
        .ok_or("the export has two parts")?;
    let (_, server) = server.split_once('\n').ok_or("the comment ends")?;
    let directory = directory.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|of| format!("{of}_temp_path {directory}/{of};\n"))
        .collect();
    Ok(format!(
        "pid {directory}/nginx.pid;
error_log {directory}/error.log;
worker_processes 1;
events {{}}
http {{
access_log off;
{temporary}
{maps}
server {{
listen {listen};
{server}
location / {{
proxy_pass http://{app};
proxy_set_header Host $http_host;
}}
}}
}}
"
    ))
}
