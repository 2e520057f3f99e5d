//! The CORS policy of the shop: one crate owns it, every service uses it, whatever its framework.

#![deny(missing_docs)]

use cors_core::Policy;

/// The policy.
///
/// # Errors
///
/// When `cors.toml` is not a valid policy, with every problem. The test below keeps that from
/// happening.
pub fn policy() -> Result<Policy, toml::de::Error> {
    toml::from_str(include_str!("../cors.toml"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_takes_the_shop_s_pages_and_no_others() -> Result<(), toml::de::Error> {
        let policy = super::policy()?;
        assert!(policy.allows_origin("https://shop.example.com"));
        assert!(policy.allows_origin("https://pr-7.preview.example.com"));
        assert!(policy.allows_origin("http://localhost:5173"));
        assert!(!policy.allows_origin("https://preview.example.com"));
        assert!(!policy.allows_origin("https://shop.example.com.evil.example"));
        Ok(())
    }
}
