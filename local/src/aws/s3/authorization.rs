//! Refuses requests that the policy of the function which signed them does not allow, as IAM does, and records the
//! rights of the others.
//!
//! A presigned request passes no client of a function, because a browser sends it. On AWS it has the rights of the role
//! that signed it. So each function has an access key id of its own, which is in every signature. The stack and the
//! tests have another one, and may do everything.
//!
//! There is one difference: `DeleteObjects` is refused as a whole if the policy lacks one of the objects. S3 deletes
//! the other objects, and returns an error for each of those.

use std::collections::BTreeMap;
use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::Credentials;
use s3s::dto::{CopySource, DeleteObjectsInput};
use s3s::path::S3Path;
use s3s::{S3Error, S3Request, S3Result, s3_error};

use crate::aws::{ACCESS_KEY, RequestShapes};
use crate::template::{Function, ServicePolicy, ServiceRight, Template};

/// What the functions may do at S3.
pub(crate) struct S3Policies {
    /// The policies by the access key ids of the functions.
    policies: BTreeMap<String, ServicePolicy>,
    /// The name of the bucket in the template, by which the policies name it.
    bucket: String,
    /// Records the rights that the functions use.
    request_shapes: Option<RequestShapes>,
}

impl S3Policies {
    /// Returns the policies of a template. The rights that the functions use are recorded in `request_shapes`.
    pub(crate) fn new(template: &Template, request_shapes: Option<RequestShapes>) -> Self {
        let policies = template
            .functions
            .iter()
            .map(|function| (access_key_of(function).to_owned(), function.services.clone()));
        Self { policies: policies.collect(), bucket: template.bucket.name.clone(), request_shapes }
    }

    /// Lists the access key ids of the functions.
    pub(super) fn access_keys(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(String::as_str)
    }
}

/// Returns the access key id of a function: its name in the template.
pub(super) fn access_key_of(function: &Function) -> &str {
    &function.name
}

/// Returns the access key id that signed a request.
pub(super) fn signer(credentials: Option<&Credentials>) -> &str {
    credentials.map_or("", |credentials| credentials.access_key.as_str())
}

/// Decides what the holder of an access key may do.
#[derive(Clone)]
pub(super) struct Authorizer {
    /// The name of the bucket in requests.
    bucket: String,
    policies: Arc<S3Policies>,
}

/// The parts of a request on which its rights depend.
struct RequestParts<'r> {
    /// The name of the operation in S3's API.
    operation: &'r str,
    path: &'r S3Path,
    /// The query of the URL.
    query: &'r str,
    /// The header `x-amz-copy-source`, which names the object to copy.
    copy_source: &'r str,
}

impl Authorizer {
    /// Creates an authorizer for a bucket.
    pub(super) fn new(bucket: String, policies: S3Policies) -> Self {
        Self { bucket, policies: Arc::new(policies) }
    }

    /// Returns the error about a missing object. Like S3, it does not tell those who may not list the bucket that the
    /// object is missing.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub(super) fn missing_object(&self, access_key: &str, bucket: &str) -> S3Error {
        let list = right("s3:ListBucket", self.resource(bucket, None));
        let policy = self.policies.policies.get(access_key);
        if policy.is_some_and(|policy| !policy.allows(&list)) {
            return s3_error!(AccessDenied);
        }
        self.require(access_key, &[list]).err().unwrap_or_else(|| s3_error!(NoSuchKey))
    }

    /// Records the rights that a request uses.
    ///
    /// # Errors
    /// `AccessDenied` if the access key is that of a function whose policy lacks one of the rights, or is unknown.
    fn require(&self, access_key: &str, needed: &[ServiceRight]) -> S3Result<()> {
        let S3Policies { policies, request_shapes, .. } = &*self.policies;
        if access_key == ACCESS_KEY {
            return Ok(());
        }
        let policy = policies.get(access_key).ok_or_else(|| s3_error!(AccessDenied))?;
        if let Some(denied) = needed.iter().find(|right| !policy.allows(right)) {
            // Without the resource, because the key of an object names an organization, and the message is logged, too.
            let (function, action) = (access_key, denied.action.as_str());
            tracing::error!(function, action, "the function's policy in template.yaml denies this");
            return Err(s3_error!(
                AccessDenied,
                "{function} is not authorized to perform: {action}"
            ));
        }
        if let Some(shapes) = request_shapes {
            let used = needed.iter().flat_map(|right| policy.rights_including(right));
            shapes.record_rights(used.map(|right| format!("{access_key} {right}")).collect());
        }
        Ok(())
    }

    /// Lists the rights that a request needs.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
    fn needed_rights(&self, request: &RequestParts<'_>) -> Vec<ServiceRight> {
        let RequestParts { operation, path, query, copy_source } = *request;
        let has_version =
            form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "versionId");
        let action = match (operation, has_version) {
            // Its keys are in the body, so `delete_objects` checks them.
            ("DeleteObjects", _) => return Vec::new(),
            ("GetObject" | "HeadObject", false) => "GetObject",
            ("GetObject" | "HeadObject", true) => "GetObjectVersion",
            (
                "PutObject"
                | "CreateMultipartUpload"
                | "UploadPart"
                | "CompleteMultipartUpload"
                | "CopyObject"
                | "UploadPartCopy",
                _,
            ) => "PutObject",
            ("DeleteObject", true) => "DeleteObjectVersion",
            ("HeadBucket" | "ListObjects" | "ListObjectsV2", _) => "ListBucket",
            ("ListObjectVersions", _) => "ListBucketVersions",
            // `DeleteObject` and `AbortMultipartUpload` have actions of the same names. The embedded S3 has no others.
            (operation, _) => operation,
        };
        let resource = match path.get_bucket_name() {
            Some(bucket) => self.resource(bucket, path.get_object_key()),
            None => "*".to_owned(),
        };
        let is_copy = matches!(operation, "CopyObject" | "UploadPartCopy");
        let source = is_copy.then(|| self.right_to_source(copy_source));
        source.into_iter().chain([right(&format!("s3:{action}"), resource)]).collect()
    }

    /// Returns the right to read the source of a copy.
    fn right_to_source(&self, copy_source: &str) -> ServiceRight {
        match CopySource::parse(copy_source) {
            Ok(CopySource::Bucket { bucket, key, version_id }) => {
                let action =
                    if version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
                right(action, self.resource(&bucket, Some(&*key)))
            }
            // No policy of the template allows these.
            Ok(CopySource::AccessPoint { .. } | CopySource::Outpost { .. }) | Err(_) => {
                right("s3:GetObject", copy_source.to_owned())
            }
        }
    }

    /// Returns the name of a bucket, or of an object in it, as the policies name it.
    fn resource(&self, bucket: &str, key: Option<&str>) -> String {
        let name = if bucket == self.bucket { self.policies.bucket.as_str() } else { bucket };
        key.map_or_else(|| name.to_owned(), |key| format!("{name}/{key}"))
    }
}

fn right(action: &str, resource: String) -> ServiceRight {
    ServiceRight { action: action.to_owned(), resource }
}

#[async_trait::async_trait]
impl S3Access for Authorizer {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(credentials) = request.credentials() else {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        };
        let copy_source = request.headers().get("x-amz-copy-source");
        let needed = self.needed_rights(&RequestParts {
            operation: request.s3_op().name(),
            path: request.s3_path(),
            query: request.uri().query().unwrap_or_default(),
            copy_source: copy_source.and_then(|source| source.to_str().ok()).unwrap_or_default(),
        });
        self.require(&credentials.access_key, &needed)
    }

    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        let DeleteObjectsInput { bucket, delete, .. } = &request.input;
        let needed = delete.objects.iter().map(|object| {
            let has_version = object.version_id.is_some();
            let action = if has_version { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
            right(action, self.resource(bucket, Some(object.key.as_str())))
        });
        let needed: Vec<_> = needed.collect();
        self.require(signer(request.credentials.as_ref()), &needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorizer() -> (Authorizer, RequestShapes) {
        let shapes = RequestShapes::default();
        let policies = S3Policies::new(Template::load().unwrap(), Some(shapes.clone()));
        (Authorizer::new("bucket".to_owned(), policies), shapes)
    }

    fn needed(operation: &str, path: &S3Path, query: &str, copy_source: &str) -> Vec<String> {
        let request = RequestParts { operation, path, query, copy_source };
        authorizer().0.needed_rights(&request).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_operation_needs_its_rights() {
        let (object, bucket) = (S3Path::object("bucket", "uploads/a"), S3Path::bucket("bucket"));
        let foreign = S3Path::object("other", "a");
        for (operation, path, query, expected) in [
            ("GetObject", &object, "x-id=GetObject", "s3:GetObject Content/uploads/a"),
            ("GetObject", &object, "versionId=1", "s3:GetObjectVersion Content/uploads/a"),
            ("HeadObject", &object, "", "s3:GetObject Content/uploads/a"),
            ("PutObject", &object, "", "s3:PutObject Content/uploads/a"),
            ("UploadPart", &object, "partNumber=1", "s3:PutObject Content/uploads/a"),
            ("AbortMultipartUpload", &object, "", "s3:AbortMultipartUpload Content/uploads/a"),
            ("DeleteObject", &object, "", "s3:DeleteObject Content/uploads/a"),
            ("DeleteObject", &object, "versionId=1", "s3:DeleteObjectVersion Content/uploads/a"),
            ("ListObjectsV2", &bucket, "list-type=2", "s3:ListBucket Content"),
            ("ListObjectVersions", &bucket, "versions", "s3:ListBucketVersions Content"),
            ("GetObject", &foreign, "", "s3:GetObject other/a"),
        ] {
            assert_eq!(needed(operation, path, query, ""), [expected], "{operation}?{query}");
        }
        assert!(needed("DeleteObjects", &bucket, "delete", "").is_empty());
    }

    #[test]
    fn a_copy_needs_a_right_to_its_source() {
        let object = S3Path::object("bucket", "b");
        for (source, expected) in [
            ("bucket/uploads/a%20b", "s3:GetObject Content/uploads/a b"),
            ("/other/a", "s3:GetObject other/a"),
            ("bucket/a?versionId=1", "s3:GetObjectVersion Content/a"),
            ("unreadable", "s3:GetObject unreadable"),
        ] {
            let copy = needed("CopyObject", &object, "", source);
            assert_eq!(copy, [expected, "s3:PutObject Content/b"], "{source}");
        }
    }

    #[test]
    fn rights_of_a_policy_are_allowed_and_recorded() {
        let (authorizer, shapes) = authorizer();
        let needed = |action: &str| [right(action, "Content/uploads/a".to_owned())];
        assert!(authorizer.require("DashboardFunction", &needed("s3:PutObject")).is_ok());
        let denied = authorizer.require("DashboardFunction", &needed("s3:DeleteObject"));
        assert_eq!(denied.unwrap_err().code().as_str(), "AccessDenied");
        assert!(authorizer.require("AuthFunction", &needed("s3:PutObject")).is_err());
        assert!(authorizer.require(ACCESS_KEY, &needed("s3:DeleteObject")).is_ok());
        assert_eq!(shapes.used_rights(), ["DashboardFunction s3:PutObject Content/*"]);
    }

    #[test]
    fn only_who_may_list_learns_that_an_object_is_missing() {
        let (authorizer, shapes) = authorizer();
        let code = |access_key: &str| {
            authorizer.missing_object(access_key, "bucket").code().as_str().to_owned()
        };
        assert_eq!(code("DashboardFunction"), "AccessDenied");
        assert_eq!(code("WorkerFunction"), "NoSuchKey");
        assert_eq!(code(ACCESS_KEY), "NoSuchKey");
        assert_eq!(shapes.used_rights(), ["WorkerFunction s3:ListBucket Content"]);
    }
}
