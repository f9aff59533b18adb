//! Reading the file.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError};

impl Config {
    /// Reads and checks a file; the usual configuration where there is none. `workspace` wins over the file.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key or a value that cannot be used; the error names the key.
    pub fn load(file: Option<&Path>, workspace: Option<PathBuf>) -> Result<Self, ConfigError> {
        let mut config = match file {
            None => Self::default(),
            Some(path) => {
                let place = path.display().to_string();
                let text = fs::read_to_string(path).map_err(|error| ConfigError::new(&place, error.to_string()))?;
                Self::parse(&text)?
            }
        };
        if let Some(workspace) = workspace {
            config.workspace.path = workspace;
        }
        config.check()?;
        Ok(config)
    }

    /// Reads a text, without the checks.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let document = toml::Deserializer::parse(text)
            .map_err(|error| ConfigError::new("configuration", error.to_string().trim_end().to_owned()))?;
        serde_path_to_error::deserialize(document).map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { "configuration".to_owned() } else { place };
            ConfigError::new(place, error.into_inner().message().to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_the_usual_configuration() {
        let config = Config::parse("").unwrap();
        config.check().unwrap();
        assert_eq!(config.http.listen, "127.0.0.1:8080");
    }

    #[test]
    fn errors_name_the_key() {
        let place = |text: &str| Config::parse(text).map(|_| ()).unwrap_err();
        assert_eq!(place("[http]\nlisten = 8080").place, "http.listen");
        let unknown = place("[http]\nlissten = \"\"");
        assert!(unknown.to_string().contains("lissten"), "{unknown}");
        assert_eq!(place("[limits]\nquery_memory = \"many\"").place, "limits.query_memory");
    }

    #[test]
    fn addresses_are_checked() {
        let config = Config::parse("[http]\nlisten = \"localhost\"").unwrap();
        let error = config.check().unwrap_err();
        assert_eq!(error.place, "http.listen");
        assert!(error.message.contains("`localhost`"), "{error}");
    }

    #[test]
    fn tls_needs_both_files() {
        let config = Config::parse("[https]\nlisten = \"127.0.0.1:8443\"").unwrap();
        assert_eq!(config.check().unwrap_err().place, "https.certificate");
    }
}
