//! What a newcomer meets: data kept between starts, and clear words when the stack can't start.

use std::path::PathBuf;

use local::{Data, Options, Stack};
use tests::World;

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn options(&self) -> Options {
        Options { data: Data::Folder(self.0.clone()), ..Options::default() }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn refusal(options: Options) -> String {
    match Stack::start(options).await {
        Ok(_) => panic!("it starts"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn accounts_sessions_mail_and_clock_are_kept_between_starts() {
    let folder = Folder::new("kept");
    let world = World::start_from(folder.options()).await;
    let ada = world.person("ada").await;
    world.advance(3600).await;
    let before = world.now().await;
    world.stop().await;

    let world = World::start_from(folder.options()).await;
    assert!(world.now().await >= before, "the clock went back");
    assert_eq!(world.mails(&ada.email).await.len(), 1);
    let session = ada.session.clone().unwrap();
    world.visitor().with_session(&session).get("/v1/me").await.expect(200);
    ada.sign_in(&world).await.get("/v1/me").await.expect(200);
    world.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_way_out() {
    let world = World::start().await;
    let port = world.stack().address().port();
    let said = refusal(Options { port, ..Options::default() }).await;
    assert!(said.contains(&port.to_string()) && said.contains("PORT="), "{said}");
}

#[tokio::test]
async fn a_folder_of_another_version_is_left_alone() {
    let folder = Folder::new("version");
    World::start_from(folder.options()).await.stop().await;
    let version = folder.0.join("VERSION");
    std::fs::write(&version, "999\n").unwrap();
    let said = refusal(folder.options()).await;
    assert!(said.contains("999") && said.contains("version"), "{said}");
    assert_eq!(std::fs::read_to_string(&version).unwrap(), "999\n");
}

#[tokio::test]
async fn a_folder_is_used_by_one_stack_at_a_time() {
    let folder = Folder::new("locked");
    let world = World::start_from(folder.options()).await;
    let said = refusal(folder.options()).await;
    assert!(said.to_lowercase().contains("use"), "{said}");
    world.stop().await;
    World::start_from(folder.options()).await.stop().await;
}

#[tokio::test]
async fn a_folder_that_is_something_else_is_not_taken_over() {
    let folder = Folder::new("foreign");
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("letter.txt"), "dear").unwrap();
    let said = refusal(folder.options()).await;
    assert!(said.contains("foreign"), "{said}");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
}
