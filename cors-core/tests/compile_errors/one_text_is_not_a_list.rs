use cors_core::Policy;

fn main() {
    let _ = Policy::builder().allow_origins("https://app.example.com");
}
