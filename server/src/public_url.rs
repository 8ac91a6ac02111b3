//! The address clients use to reach the server.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// An absolute `http` or `https` address, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    scheme: String,
    authority: String,
}

impl PublicUrl {
    /// Host and port, as a client writes them in `Host`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Scheme, host and port, the port always written out.
    #[must_use]
    pub fn origin(&self) -> String {
        let has_port = self
            .authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        match (has_port, self.scheme.as_str()) {
            (true, _) => format!("{}://{}", self.scheme, self.authority),
            (false, "https") => format!("https://{}:443", self.authority),
            (false, _) => format!("http://{}:80", self.authority),
        }
    }

    /// Whether clients come over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// The path that everything is under, without a trailing slash; mostly empty.
    #[must_use]
    pub fn path(&self) -> &str {
        let start = self.scheme.len() + "://".len() + self.authority.len();
        self.text.get(start..).unwrap_or_default()
    }

    /// This address with `path` (which starts with a slash) after it.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected an address such as https://deskhand.example.com";
        let text = text.trim().trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| expected.to_owned())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(expected.to_owned());
        };
        if !matches!(scheme, "http" | "https") {
            return Err(format!("`{scheme}` is no scheme for it: {expected}"));
        }
        if authority.as_str().contains('@') {
            return Err(format!("user names and passwords have no place in it: {expected}"));
        }
        if uri.query().is_some() {
            return Err(format!("a query has no place in it: {expected}"));
        }
        Ok(Self {
            text: text.to_owned(),
            scheme: scheme.to_owned(),
            authority: authority.as_str().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_write_the_port_out() {
        let origin = |text: &str| text.parse::<PublicUrl>().unwrap().origin();
        assert_eq!(origin("https://desk.example/"), "https://desk.example:443");
        assert_eq!(origin("http://desk.example"), "http://desk.example:80");
        assert_eq!(origin("http://[::1]:8787"), "http://[::1]:8787");
    }

    #[test]
    fn only_plain_addresses_are_taken() {
        for bad in [
            "desk.example",
            "ftp://desk.example",
            "https://me:pw@desk.example",
            "https://a.example/?q=1",
            "",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
        let url: PublicUrl = "https://desk.example/base/".parse().unwrap();
        assert_eq!(url.join("/mcp/t"), "https://desk.example/base/mcp/t");
        assert_eq!((url.path(), url.is_https()), ("/base", true));
        let url: PublicUrl = "http://desk.example:80".parse().unwrap();
        assert_eq!((url.path(), url.is_https()), ("", false));
    }
}
