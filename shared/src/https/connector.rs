//! Connections to AWS, whose certificates are signed by Amazon, and to every other host.

use std::error::Error;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Timeout for a connection. It normally takes two or three round trips. A lost first packet is sent again after one
/// second (RFC 6298, section 2).
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The certificate authorities of Amazon, which sign the certificates of AWS's endpoints. They end in 2037 and later.
/// <https://www.amazontrust.com/repository/>
const AMAZON_ROOTS: &str = include_str!("amazon_roots.pem");

/// The domains of AWS's endpoints.
const AWS_DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];

/// The connections of the process. Each kind is prepared by the first request that needs it.
#[derive(Default)]
pub(super) struct Connectors {
    /// Trusts Amazon's certificate authorities only. Plain HTTP needs none.
    amazon: OnceLock<SharedHttpConnector>,
    /// Trusts the certificate authorities that the machine trusts.
    machine: OnceLock<SharedHttpConnector>,
}

impl Connectors {
    /// Sends a request to AWS with Amazon's certificate authorities, and any other with those of the machine. If AWS
    /// ever uses a certificate of another authority, the request is sent again with those of the machine.
    pub(super) async fn call(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        if !trusts_amazon_only(request.uri()) {
            return self.machine().call(request).await;
        }
        let again = request.try_clone();
        match (self.amazon().call(request).await, again) {
            (Err(error), Some(request)) if is_untrusted(&error) => {
                tracing::warn!("the certificate of an AWS endpoint is not one of Amazon's");
                self.machine().call(request).await
            }
            (result, _) => result,
        }
    }

    fn amazon(&self) -> &SharedHttpConnector {
        self.amazon.get_or_init(|| {
            connector(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS.as_bytes()))
        })
    }

    fn machine(&self) -> &SharedHttpConnector {
        self.machine.get_or_init(|| connector(TrustStore::default()))
    }
}

fn connector(trusted: TrustStore) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let mut builder = Connector::builder()
        .connector_settings(settings)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    // Building fails only without a trust store.
    if let Ok(context) = TlsContext::builder().with_trust_store(trusted).build() {
        builder = builder.tls_context(context);
    }
    SharedHttpConnector::new(builder.build())
}

/// Returns whether a URI needs no certificate, or one of AWS's.
fn trusts_amazon_only(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("https://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    // A part before `@` could pretend to be the host.
    !authority.contains('@') && AWS_DOMAINS.iter().any(|domain| host.ends_with(domain))
}

/// Returns whether a connection failed because the certificate's authority is not trusted.
fn is_untrusted(error: &ConnectorError) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) =
            error.downcast_ref()
        {
            return true;
        }
        // The source of an I/O error is that of the error inside it.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use data_encoding::BASE64_MIME_PERMISSIVE;

    #[derive(Debug)]
    struct Answering(fn() -> Result<u16, rustls::Error>);

    impl HttpConnector for Answering {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            HttpConnectorFuture::ready(match self.0() {
                Ok(status) => {
                    Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty()))
                }
                Err(error) => Err(ConnectorError::io(Box::new(io::Error::other(error)))),
            })
        }
    }

    fn connectors(amazon: fn() -> Result<u16, rustls::Error>) -> Connectors {
        Connectors {
            amazon: OnceLock::from(SharedHttpConnector::new(Answering(amazon))),
            machine: OnceLock::from(SharedHttpConnector::new(Answering(|| Ok(201)))),
        }
    }

    async fn call(connectors: &Connectors, uri: &str) -> Option<u16> {
        let mut request = HttpRequest::new(SdkBody::from("body"));
        request.set_uri(uri).unwrap();
        let answer = connectors.call(request).await;
        answer.ok().map(|response| response.status().as_u16())
    }

    const AWS: &str = "https://dynamodb.us-east-1.amazonaws.com/";

    #[tokio::test]
    async fn only_aws_and_plain_http_use_amazons_authorities() {
        let connectors = connectors(|| Ok(200));
        for aws in [AWS, "http://127.0.0.1:80/", "https://s3.us-east-1.api.aws:443/b?x"] {
            assert_eq!(call(&connectors, aws).await, Some(200), "{aws}");
        }
        for other in [
            "https://hooks.slack.com/services/x",
            "https://amazonaws.com.example.com/",
            "https://example.com/.amazonaws.com",
            "https://x.amazonaws.com@example.com/",
        ] {
            assert_eq!(call(&connectors, other).await, Some(201), "{other}");
        }
    }

    #[tokio::test]
    async fn an_unknown_authority_of_aws_is_looked_up_on_the_machine() {
        let unknown = rustls::CertificateError::UnknownIssuer;
        assert!(is_untrusted(&ConnectorError::io(Box::new(io::Error::other(
            rustls::Error::InvalidCertificate(unknown)
        )))));
        let untrusted = connectors(|| {
            Err(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer))
        });
        assert_eq!(call(&untrusted, AWS).await, Some(201));
        let expired = connectors(|| {
            Err(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired))
        });
        assert_eq!(call(&expired, AWS).await, None);
        let broken = connectors(|| Err(rustls::Error::DecryptError));
        assert_eq!(call(&broken, AWS).await, None);
    }

    #[test]
    fn the_authorities_are_those_that_amazon_publishes() {
        let found = AMAZON_ROOTS.split("-----BEGIN CERTIFICATE-----").skip(1).map(|certificate| {
            let (body, _) = certificate.split_once("-----END CERTIFICATE-----").unwrap();
            BASE64_MIME_PERMISSIVE.decode(body.trim().as_bytes()).unwrap()
        });
        let found: Vec<_> = found.collect();
        assert_eq!(found.len(), 5);
        for name in ["Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"]
            .into_iter()
            .chain(["Starfield Services Root Certificate Authority - G2"])
        {
            let is_in = |der: &Vec<u8>| der.windows(name.len()).any(|part| part == name.as_bytes());
            assert_eq!(found.iter().filter(|der| is_in(der)).count(), 1, "{name}");
        }
        // All five are read.
        connector(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS.as_bytes()));
    }
}
