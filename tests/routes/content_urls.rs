//! Tests of presigned URLs, which are valid for one operation and for a limited time.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, Response};
use shared::blobs::Sha256;
use tests::TestApp;
use tests::blobs::{MINUTE, blob_exists, download_blob, upload_key};

/// Uploads text as `curl -T` does, without additional headers.
async fn put_text(url: &str, text: &'static str) -> Response {
    Client::new().put(url).body(text).send().await.unwrap()
}

#[tokio::test]
async fn a_url_is_valid_for_one_method_object_and_size() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let object = upload_key();
    let url = blobs.upload_url(&object, 4, MINUTE).await.unwrap();
    let other = upload_key();
    let elsewhere = url.replace(object.as_str(), other.as_str());
    let longer = url.replace("X-Amz-Expires=60", "X-Amz-Expires=600");
    let unsigned = url.split('?').next().unwrap();
    assert!(elsewhere != url && longer != url);
    for (url, sent) in [
        (url.as_str(), "three"),
        (&url, "two"),
        (&elsewhere, "four"),
        (&longer, "four"),
        (unsigned, "four"),
    ] {
        assert_eq!(put_text(url, sent).await.status(), 403, "{sent} to {url}");
    }
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 403, "it is no URL to read with");
    assert!(!blob_exists(blobs, &object).await && !blob_exists(blobs, &other).await);
    assert_eq!(put_text(&url, "four").await.status(), 200);
    assert!(blob_exists(blobs, &object).await);
}

/// A client sends only its default headers. S3 would refuse the request if any other header were signed.
#[tokio::test]
async fn a_url_signs_no_amz_headers() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (object, text) = (upload_key(), "text/csv");
    let signing = ["Algorithm", "Credential", "Date", "Expires", "Signature", "SignedHeaders"]
        .map(|name| format!("X-Amz-{name}"));
    for (url, headers, own) in [
        (blobs.upload_url(&object, 0, MINUTE).await, "content-length;host", vec!["x-id"]),
        (
            blobs.download_url(&object, "x", text, MINUTE).await,
            "host",
            vec!["response-content-disposition", "response-content-type", "x-id"],
        ),
    ] {
        let url = url.unwrap();
        let query = url.split_once('?').unwrap().1;
        let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(query["X-Amz-SignedHeaders"], headers);
        let own = own.into_iter().map(str::to_owned);
        assert!(
            query.keys().eq(signing.iter().cloned().chain(own).collect::<Vec<_>>().iter()),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_url_expires() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (object, second) = (upload_key(), Duration::from_secs(1));
    blobs.put(&object, b"x".to_vec(), &Sha256::of(b"x"), "text/csv").await.unwrap();
    let up = blobs.upload_url(&object, 4, second).await.unwrap();
    let down = blobs.download_url(&object, "x", "text/csv", second).await.unwrap();
    // The URL expires by the machine's time, which a test cannot advance.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(put_text(&up, "four").await.status(), 403);
    assert_eq!(reqwest::get(down).await.unwrap().status(), 403);
    assert_eq!(download_blob(blobs, &object).await.text().await.unwrap(), "x");
}

/// Only pages of the product may use the URLs in a browser.
#[tokio::test]
async fn cors_admits_only_the_product_origin() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let url = blobs.upload_url(&upload_key(), 4, MINUTE).await.unwrap();
    let ask = async |origin: &str, method: &str, headers: &str| {
        Client::new()
            .request(Method::OPTIONS, &url)
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", headers)
            .send()
            .await
            .unwrap()
    };
    let answer = ask(app.url(), "PUT", "content-type").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], app.url());
    for (origin, method, headers) in [
        ("https://evil.example", "PUT", "content-type"),
        (app.url(), "DELETE", ""),
        (app.url(), "PUT", "x-amz-acl"),
    ] {
        assert_eq!(ask(origin, method, headers).await.status(), 403, "{origin} {method} {headers}");
    }
    let sent = Client::new().put(&url).header("origin", app.url()).body("four").send().await;
    let sent = sent.unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(sent.headers()["access-control-allow-origin"], app.url());
}
