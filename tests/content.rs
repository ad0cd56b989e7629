//! The contents of artifacts: up through a URL, checked, and down again as they were.

use std::path::PathBuf;
use std::time::Duration;

use local::{Data, Options};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, Response, StatusCode};
use shared::content::{Contents, Object, Settled, Sha256};
use shared::random::{Random, SystemRandom};
use tests::World;

/// What the issue of large files was opened with.
const LARGE: usize = 25 * 1024 * 1024;

const MINUTE: Duration = Duration::from_secs(60);

/// Bytes that no others are.
fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    SystemRandom.fill(&mut bytes);
    bytes
}

fn upload() -> Object {
    Object::upload(&SystemRandom)
}

fn kept() -> Object {
    Object::under("client_a/", &SystemRandom)
}

/// As `curl -T` does it: with no header that isn't everybody's.
async fn put(url: &str, bytes: Vec<u8>) -> Response {
    Client::new().put(url).body(bytes).send().await.unwrap()
}

/// A URL that takes as many bytes, gets these, and is settled as declared.
async fn settle(contents: &Contents, sent: Vec<u8>, declared: &[u8]) -> (Settled, Object, Object) {
    let (from, to) = (upload(), kept());
    let url = contents.upload_url(&from, sent.len() as u64, MINUTE).await.unwrap();
    assert_eq!(put(&url, sent).await.status(), 200);
    let sha256 = Sha256::of(declared);
    let settled = contents.settle(&from, &to, declared.len() as u64, &sha256, "text/csv").await;
    (settled.unwrap(), from, to)
}

async fn get(contents: &Contents, object: &Object) -> (StatusCode, HeaderMap, Vec<u8>) {
    let url =
        contents.download_url(object, "Übersicht \"1\".csv", "text/csv", MINUTE).await.unwrap();
    let answer = reqwest::get(url).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().into())
}

async fn is_there(contents: &Contents, object: &Object) -> bool {
    get(contents, object).await.0 == 200
}

#[tokio::test]
async fn a_large_file_comes_back_byte_by_byte() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let sent = bytes(LARGE);
    let (settled, from, to) = settle(contents, sent.clone(), &sent).await;
    assert_eq!(settled, Settled::Whole);
    let (status, headers, received) = get(contents, &to).await;
    assert_eq!((status, received == sent), (StatusCode::OK, true));
    assert_eq!(headers[CONTENT_TYPE], "text/csv");
    assert_eq!(headers[CONTENT_LENGTH], LARGE.to_string().as_str());
    assert_eq!(
        headers[CONTENT_DISPOSITION],
        "attachment; filename=\"_bersicht _1_.csv\"; \
         filename*=UTF-8''%C3%9Cbersicht%20%221%22.csv"
    );
    assert!(!is_there(contents, &from).await, "what a URL can overwrite is gone");
}

/// An answer may get lost after the work was done.
#[tokio::test]
async fn what_is_settled_stays_settled() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let (sent, sha256) = (b"a,b".to_vec(), Sha256::of(b"a,b"));
    let (_, from, to) = settle(contents, sent.clone(), &sent).await;
    let again = contents.settle(&from, &to, 3, &sha256, "text/csv").await.unwrap();
    assert_eq!(again, Settled::Whole);
    // The URL still works, and what it brings doesn't change what is kept.
    let url = contents.upload_url(&from, 3, MINUTE).await.unwrap();
    assert_eq!(put(&url, b"c,d".to_vec()).await.status(), 200);
    let again = contents.settle(&from, &to, 3, &sha256, "text/csv").await.unwrap();
    assert_eq!(again, Settled::Whole);
    assert_eq!(get(contents, &to).await.2, sent);
    assert!(!is_there(contents, &from).await);
    // Nor is it taken for something that it isn't.
    let other = contents.settle(&from, &to, 3, &Sha256::of(b"c,d"), "text/csv").await.unwrap();
    assert_eq!(other, Settled::Missing);
}

#[tokio::test]
async fn another_size_is_refused_and_removed() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let (settled, from, to) = settle(contents, b"four".to_vec(), b"three").await;
    assert_eq!(settled, Settled::Other { size: 4, sha256: None });
    assert!(!is_there(contents, &from).await && !is_there(contents, &to).await);
}

#[tokio::test]
async fn other_bytes_are_refused_and_removed() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let (settled, from, to) = settle(contents, b"evil".to_vec(), b"good").await;
    let sha256 = Some(Sha256::of(b"evil"));
    assert_eq!(settled, Settled::Other { size: 4, sha256 });
    assert!(!is_there(contents, &from).await && !is_there(contents, &to).await);
}

#[tokio::test]
async fn nothing_uploaded_is_missing() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let settled = contents.settle(&upload(), &kept(), 1, &Sha256::of(b"x"), "text/csv").await;
    assert_eq!(settled.unwrap(), Settled::Missing);
}

/// While S3 is asked, somebody with the URL uploads again and again: what is kept is what was declared,
/// or nothing is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_overwritten_meanwhile_is_never_kept_as_something_else() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let (good, evil) = (vec![b'g'; 100_000], vec![b'e'; 100_000]);
    let from = upload();
    let url = contents.upload_url(&from, 100_000, MINUTE).await.unwrap();
    let (mine, theirs) = (good.clone(), evil.clone());
    let writing = tokio::spawn(async move {
        loop {
            put(&url, mine.clone()).await;
            put(&url, theirs.clone()).await;
        }
    });
    let (mut whole, mut not) = (0, 0);
    while whole < 5 || not < 5 {
        let to = kept();
        match contents.settle(&from, &to, 100_000, &Sha256::of(&good), "text/csv").await {
            Ok(Settled::Whole) => {
                assert!(get(contents, &to).await.2 == good);
                whole += 1;
            }
            Ok(Settled::Missing) => tokio::time::sleep(Duration::from_millis(1)).await,
            // Refused as what it is, or as written meanwhile.
            Ok(Settled::Other { sha256, .. }) => {
                assert_eq!(sha256, Some(Sha256::of(&evil)));
                assert!(!is_there(contents, &to).await);
                not += 1;
            }
            Err(shared::error::Error::Conflict) => {
                assert!(!is_there(contents, &to).await);
                not += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    writing.abort();
}

#[tokio::test]
async fn a_url_takes_what_it_is_for_and_nothing_else() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let object = upload();
    let url = contents.upload_url(&object, 4, MINUTE).await.unwrap();
    let other = upload();
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
        assert_eq!(put(url, sent.into()).await.status(), 403, "{sent} to {url}");
    }
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 403, "it is no URL to read with");
    assert!(!is_there(contents, &object).await && !is_there(contents, &other).await);
    assert_eq!(put(&url, "four".into()).await.status(), 200);
    assert!(is_there(contents, &object).await);
}

#[tokio::test]
async fn a_url_ends() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let (object, second) = (upload(), Duration::from_secs(1));
    contents.put(&object, b"x".to_vec(), &Sha256::of(b"x"), "text/csv").await.unwrap();
    let up = contents.upload_url(&object, 4, second).await.unwrap();
    let down = contents.download_url(&object, "x", "text/csv", second).await.unwrap();
    // Signed with the machine's time, by which it ends; nobody can move that.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(put(&up, "four".into()).await.status(), 403);
    assert_eq!(reqwest::get(down).await.unwrap().status(), 403);
    assert_eq!(get(contents, &object).await.2, b"x");
}

#[tokio::test]
async fn what_came_in_a_request_is_kept_if_it_is_what_was_hashed() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let (object, sent) = (kept(), bytes(4 * 1024 * 1024));
    let sha256 = Sha256::of(&sent);
    assert!(contents.put(&object, b"other".to_vec(), &sha256, "text/csv").await.is_err());
    assert!(!is_there(contents, &object).await);
    contents.put(&object, sent.clone(), &sha256, "text/csv").await.unwrap();
    assert!(get(contents, &object).await.2 == sent);
    let empty = kept();
    contents.put(&empty, Vec::new(), &Sha256::of(b""), "text/csv").await.unwrap();
    assert_eq!(get(contents, &empty).await.2, b"");
    contents.remove(&empty).await.unwrap();
    contents.remove(&empty).await.unwrap();
    assert!(!is_there(contents, &empty).await && is_there(contents, &object).await);
}

#[tokio::test]
async fn a_folder_is_emptied_a_thousand_at_a_time() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let sha256 = Sha256::of(b"");
    let neighbour = Object::under("client_ab/", &SystemRandom);
    contents.put(&neighbour, Vec::new(), &sha256, "text/csv").await.unwrap();
    let mut objects = Vec::new();
    for _ in 0..1001 {
        let object = kept();
        contents.put(&object, Vec::new(), &sha256, "text/csv").await.unwrap();
        objects.push(object);
    }
    assert!(!contents.remove_all_under("client_a/").await.unwrap(), "one is left");
    assert!(contents.remove_all_under("client_a/").await.unwrap());
    assert!(contents.remove_all_under("client_a/").await.unwrap());
    assert!(!is_there(contents, &objects[0]).await && !is_there(contents, &objects[1000]).await);
    for too_much in ["", "client_a", "client"] {
        assert!(contents.remove_all_under(too_much).await.is_err(), "{too_much:?}");
    }
    assert!(is_there(contents, &neighbour).await);
}

/// Pages of the product use the URLs, and no others.
#[tokio::test]
async fn only_the_product_s_pages_are_let_in_by_browsers() {
    let world = World::start().await;
    let contents = world.stack().contents();
    let url = contents.upload_url(&upload(), 4, MINUTE).await.unwrap();
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
    let answer = ask(world.url(), "PUT", "content-type").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], world.url());
    for (origin, method, headers) in [
        ("https://evil.example", "PUT", "content-type"),
        (world.url(), "DELETE", ""),
        (world.url(), "PUT", "x-amz-acl"),
    ] {
        assert_eq!(ask(origin, method, headers).await.status(), 403, "{origin} {method} {headers}");
    }
    let sent = Client::new().put(&url).header("origin", world.url()).body("four").send().await;
    let sent = sent.unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(sent.headers()["access-control-allow-origin"], world.url());
}

#[tokio::test]
async fn contents_outlast_the_stack_where_its_data_does() {
    let random: &dyn Random = &SystemRandom;
    let folder = std::env::temp_dir().join(format!("content-{}", random.identifier()));
    let _removed = Removed(folder.clone());
    let start = || {
        let data = Data::Folder(folder.clone());
        World::start_from(Options { data, ..Options::default() })
    };
    let world = start().await;
    let sent = bytes(1_000_000);
    let (_, from, to) = settle(world.stack().contents(), sent.clone(), &sent).await;
    let gone = kept();
    world.stack().contents().put(&gone, b"x".to_vec(), &Sha256::of(b"x"), "x/y").await.unwrap();
    world.stack().contents().put(&gone, b"y".to_vec(), &Sha256::of(b"y"), "x/y").await.unwrap();
    assert_eq!(get(world.stack().contents(), &gone).await.2, b"y");
    world.stack().contents().remove(&gone).await.unwrap();
    world.stop().await;
    // A description and the bytes of the one that is left.
    assert_eq!(std::fs::read_dir(folder.join("content")).unwrap().count(), 2);

    let world = start().await;
    let contents = world.stack().contents();
    assert!(get(contents, &to).await.2 == sent);
    let sha256 = Sha256::of(&sent);
    let again = contents.settle(&from, &to, 1_000_000, &sha256, "text/csv").await.unwrap();
    assert_eq!(again, Settled::Whole, "its SHA-256 is still known");
    assert!(!is_there(contents, &gone).await);
    world.stop().await;
}

/// A folder that is removed at the end.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
