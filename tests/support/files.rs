//! Artifacts of projects and organizations.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::ids::ArtifactId;
use shared::keys;

use crate::{Person, Reply, TestApp, Visitor};

impl Person {
    /// Creates a project and returns its id.
    pub async fn create_project(&self, client: &str, name: &str) -> String {
        let body = json!({"org_id": client, "name": name});
        let project = self.post("/v1/projects", body).await.expect(200).json();
        project["id"].as_str().unwrap().to_owned()
    }
}

/// Returns the body that uploads a file.
pub fn file(client: &str, project: Option<&str>, path: &str, content: &[u8]) -> Value {
    let content = BASE64.encode(content);
    let mut file = json!({"org_id": client, "path": path, "content_base64": content});
    if let Some(project) = project {
        file["project_id"] = project.into();
    }
    file
}

impl Visitor {
    /// Uploads a file and returns its version.
    pub async fn upload(
        &self,
        client: &str,
        project: Option<&str>,
        path: &str,
        content: &[u8],
    ) -> Value {
        let body = file(client, project, path, content);
        self.post("/v1/artifacts", body).await.expect(200).json()
    }

    /// Downloads a version and returns the response headers and the content.
    pub async fn download(&self, id: &str) -> (HeaderMap, Vec<u8>) {
        let version = self.get(&format!("/v1/artifacts/{id}")).await.expect(200).json();
        let answer = reqwest::get(version["download_url"].as_str().unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{version}");
        (answer.headers().clone(), answer.bytes().await.unwrap().into())
    }

    /// Deletes an artifact version.
    pub async fn delete_file(&self, id: &str) -> Reply {
        self.send(reqwest::Method::DELETE, &format!("/v1/artifacts/{id}"), None).await
    }

    /// Reads all pages of a list; `path` has query parameters already.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{cursor}")).await.expect(200).json();
            all.extend(page["data"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
}

impl TestApp {
    /// Waits until the worker has handled all stream records, including those of its own writes.
    pub async fn wait_for_worker(&self) {
        let mut quiet = 0;
        for _ in 0..60 {
            let reply = self.await_stream_records().await;
            quiet = if reply.status == 200 { quiet + 1 } else { 0 };
            if quiet == 3 {
                return;
            }
        }
        panic!("the worker is still busy");
    }

    /// Lists the keys of all objects in the bucket.
    pub async fn objects(&self) -> BTreeSet<String> {
        let s3 = aws_sdk_s3::Client::new(self.stack().sdk());
        let list = s3.list_objects_v2().bucket(self.stack().content_bucket());
        let mut pages = list.into_paginator().send();
        let mut keys = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let page = page.expect("a list");
            keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        }
        keys
    }

    /// Asserts that the bucket holds exactly the objects that the table refers to, after two days of sweeps.
    pub async fn assert_no_orphaned_objects(&self) {
        for _ in 0..2 {
            self.advance_clock(26 * 60 * 60).await;
        }
        self.wait_for_worker().await;
        let known = self.items("CONTENT#", "").await;
        let known: BTreeSet<_> =
            known.iter().map(|row| row["object"]["S"].as_str().unwrap().to_owned()).collect();
        assert_eq!(self.objects().await, known);
    }

    /// Asserts the invariants of all artifacts.
    ///
    /// Each version is stored under its id and its number, only the latest one is listed, projects count their
    /// files, and each stored content counts the versions that refer to it.
    pub async fn assert_files_consistent(&self) {
        let rows = self.dump().await;
        let text = |row: &Value, name: &str| row[name]["S"].as_str().unwrap_or_default().to_owned();
        let number = |row: &Value, name: &str| row[name]["N"].as_str().map(|n| n.parse().unwrap());
        let of = |sk: &str| {
            rows.iter().filter(|row| text(row, "sk").starts_with(sk)).collect::<Vec<_>>()
        };
        let mut by_number: BTreeMap<String, BTreeMap<u64, String>> = BTreeMap::new();
        let mut uses: BTreeMap<String, u64> = BTreeMap::new();
        for row in of("VERSION#") {
            let content = format!("{} {}", text(row, "object"), text(row, "sha256"));
            *uses.entry(content).or_default() += 1;
            if row.get("deleted_after_forks").is_none() {
                let sk = text(row, "sk");
                let path = format!("{} {}", text(row, "pk"), sk.split('#').nth(1).unwrap());
                let versions = by_number.entry(path).or_default();
                versions.insert(number(row, "version").unwrap(), text(row, "id"));
            }
        }
        let mut ids: Vec<_> = by_number.values().flat_map(BTreeMap::values).cloned().collect();
        let mut by_id: Vec<_> = of("ARTIFACT#").iter().map(|row| text(row, "id")).collect();
        ids.sort();
        by_id.sort();
        assert_eq!(ids, by_id);
        let mut latest: Vec<_> =
            by_number.values().map(|versions| versions.values().last().unwrap().clone()).collect();
        let listed = rows.iter().filter(|row| text(row, "pk").starts_with("LATEST#"));
        let mut listed: Vec<_> = listed.map(|row| text(row, "id")).collect();
        latest.sort();
        listed.sort();
        assert_eq!(latest, listed);
        for row in of("PATH#") {
            let path = format!("{} {}", text(row, "pk"), text(row, "path"));
            let versions = by_number.get(&path);
            let newest = versions.and_then(|versions| versions.keys().last().copied());
            assert_eq!(number(row, "latest"), newest, "{row}");
            assert!(newest <= number(row, "made"), "{row}");
        }
        for project in of("PROJECT#proj_") {
            let pk = format!("PROJECT#{} ", text(project, "id"));
            let files = by_number.keys().filter(|path| path.starts_with(&pk)).count() as u64;
            assert_eq!(number(project, "files"), Some(files), "{project}");
        }
        let mut contents = BTreeMap::new();
        for row in rows.iter().filter(|row| text(row, "pk").starts_with("CONTENT#")) {
            let content = format!("{} {}", text(row, "object"), text(row, "sha256"));
            contents.insert(content, number(row, "uses").unwrap());
        }
        assert_eq!(uses, contents);
        // The storage of an organization is that of its contents and of requested uploads.
        let mut stored: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let counted = rows.iter().filter(|row| {
            text(row, "pk").starts_with("CONTENT#") || row["is_reserved"]["BOOL"] == true
        });
        for row in counted {
            let organization = match text(row, "id").parse::<ArtifactId>() {
                Ok(upload) => upload.organization().to_string(),
                Err(_) => text(row, "client_id"),
            };
            let (bytes, count) = stored.entry(organization).or_default();
            *bytes += i64::try_from(number(row, "size").unwrap()).unwrap();
            *count += 1;
        }
        for row in of("STORAGE") {
            let usage = stored.remove(&text(row, "client_id")).unwrap_or_default();
            let value = |name: &str| row[name]["N"].as_str().unwrap().parse::<i64>().unwrap();
            assert_eq!((value("bytes"), value("contents")), usage, "{row}");
        }
        assert_eq!(stored, BTreeMap::new());
    }

    /// Sets the number of stored files that an organization uses.
    pub async fn set_stored_files(&self, client: &str, count: i64) {
        let key = keys::storage_usage(&client.parse().unwrap());
        let update = Update::new(key).set("contents", count).unwrap();
        self.stack().context().table.update::<Value>(update).await.unwrap();
    }
}
