//! The operations of the bucket.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::authorization::{Authorizer, signer};
use super::objects::{Objects, StoredObject};
use super::transfer::{copy, internal_error, receive};

/// The maximum number of objects that one call lists or removes.
const MAX_KEYS: usize = 1000;

/// A bucket that answers the operations of S3.
pub(super) struct EmbeddedBucket {
    name: String,
    objects: Arc<Objects>,
    authorizer: Authorizer,
}

impl EmbeddedBucket {
    pub(super) fn new(name: String, objects: Objects, authorizer: Authorizer) -> Self {
        Self { name, objects: Arc::new(objects), authorizer }
    }

    fn require_bucket(&self, name: &str) -> S3Result<()> {
        if name == self.name { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
    }

    /// Returns an object for the holder of an access key.
    fn find_object(&self, bucket: &str, key: &str, access_key: &str) -> S3Result<StoredObject> {
        self.require_bucket(bucket)?;
        let object = self.objects.get(key);
        object.ok_or_else(|| self.authorizer.missing_object(access_key, bucket))
    }
}

/// Refuses a request with an option that is not simulated, because ignoring the option would mislead.
fn refuse_if(is_unsupported: bool) -> S3Result<()> {
    if is_unsupported {
        return Err(s3_error!(NotImplemented, "The local stack does not support this option."));
    }
    Ok(())
}

/// Converts a size to the type of the protocol.
fn content_length(size: u64) -> Option<i64> {
    size.try_into().ok()
}

#[async_trait::async_trait]
impl S3 for EmbeddedBucket {
    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        self.require_bucket(&input.bucket)?;
        refuse_if(input.if_match.is_some() || input.if_none_match.is_some())?;
        refuse_if(input.metadata.is_some() || input.content_md5.is_some())?;
        refuse_if(input.checksum_crc32.is_some() || input.checksum_crc32c.is_some())?;
        refuse_if(input.checksum_crc64nvme.is_some() || input.checksum_sha1.is_some())?;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let writer = self.objects.writer().map_err(internal_error)?;
        let mut object = receive(body, writer, input.checksum_sha256).await?;
        object.metadata.content_type = input.content_type;
        let metadata = &object.metadata;
        let output = PutObjectOutput {
            e_tag: Some(ETag::Strong(metadata.etag.clone())),
            checksum_sha256: metadata.sha256.clone(),
            ..PutObjectOutput::default()
        };
        self.objects.put(&input.key, object).map_err(internal_error)?;
        Ok(S3Response::new(output))
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let access_key = signer(request.credentials.as_ref());
        let found = self.find_object(&input.bucket, &input.key, access_key)?;
        let StoredObject { metadata, blob } = found;
        // A server may answer a range request with the whole object (RFC 9110, section 14.2).
        Ok(S3Response::new(GetObjectOutput {
            body: Some(blob.stream().map_err(internal_error)?),
            content_length: content_length(metadata.size),
            content_type: metadata.content_type,
            e_tag: Some(ETag::Strong(metadata.etag)),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let access_key = signer(request.credentials.as_ref());
        let metadata = self.find_object(&input.bucket, &input.key, access_key)?.metadata;
        let includes_checksum =
            input.checksum_mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        Ok(S3Response::new(HeadObjectOutput {
            content_length: content_length(metadata.size),
            content_type: metadata.content_type,
            e_tag: Some(ETag::Strong(metadata.etag)),
            checksum_sha256: metadata.sha256.filter(|_| includes_checksum),
            ..HeadObjectOutput::default()
        }))
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        self.require_bucket(&input.bucket)?;
        let CopySource::Bucket { bucket, key, version_id: None } = &input.copy_source else {
            return Err(s3_error!(NotImplemented));
        };
        refuse_if(input.copy_source_if_none_match.is_some() || input.metadata.is_some())?;
        let access_key = signer(request.credentials.as_ref());
        let StoredObject { mut metadata, blob } = self.find_object(bucket, key, access_key)?;
        if let Some(ETagCondition::ETag(etag)) = &input.copy_source_if_match
            && etag.value() != metadata.etag
        {
            return Err(s3_error!(PreconditionFailed));
        }
        let directive = input.metadata_directive.as_ref().map(MetadataDirective::as_str);
        if directive == Some(MetadataDirective::REPLACE) {
            metadata.content_type = input.content_type;
        }
        let computes_sha256 = match input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str)
        {
            None => false,
            Some(ChecksumAlgorithm::SHA256) => true,
            Some(_) => return Err(s3_error!(NotImplemented)),
        };
        let writer = self.objects.writer().map_err(internal_error)?;
        let (blob, sha256) = copy(blob, writer).await?;
        if computes_sha256 {
            metadata.sha256 = Some(sha256);
        }
        let result = CopyObjectResult {
            e_tag: Some(ETag::Strong(metadata.etag.clone())),
            checksum_sha256: metadata.sha256.clone(),
            ..CopyObjectResult::default()
        };
        self.objects.put(&input.key, StoredObject { metadata, blob }).map_err(internal_error)?;
        let copy_object_result = Some(result);
        Ok(S3Response::new(CopyObjectOutput { copy_object_result, ..CopyObjectOutput::default() }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.require_bucket(&request.input.bucket)?;
        self.objects.remove(&request.input.key).map_err(internal_error)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let DeleteObjectsInput { bucket, delete, .. } = request.input;
        self.require_bucket(&bucket)?;
        if delete.objects.len() > MAX_KEYS {
            return Err(s3_error!(MalformedXML));
        }
        let mut deleted = Vec::new();
        for object in delete.objects {
            self.objects.remove(&object.key).map_err(internal_error)?;
            deleted.push(DeletedObject { key: Some(object.key), ..DeletedObject::default() });
        }
        let deleted = (delete.quiet != Some(true)).then_some(deleted);
        Ok(S3Response::new(DeleteObjectsOutput { deleted, ..DeleteObjectsOutput::default() }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        self.require_bucket(&input.bucket)?;
        refuse_if(input.delimiter.is_some() || input.encoding_type.is_some())?;
        let prefix = input.prefix.clone().unwrap_or_default();
        // A continuation token is the last key of the page before.
        let after = input.continuation_token.as_ref().or(input.start_after.as_ref());
        let limit = input.max_keys.and_then(|limit| limit.try_into().ok()).unwrap_or(MAX_KEYS);
        let after = after.map_or("", String::as_str);
        let (page, is_truncated) = self.objects.list(&prefix, after, limit.min(MAX_KEYS));
        let next = page.last().filter(|_| is_truncated).map(|(key, _)| key.clone());
        let contents = page.into_iter().map(|(key, metadata)| Object {
            key: Some(key),
            size: content_length(metadata.size),
            e_tag: Some(ETag::Strong(metadata.etag)),
            ..Object::default()
        });
        let contents: Vec<_> = contents.collect();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            key_count: contents.len().try_into().ok(),
            contents: Some(contents),
            is_truncated: Some(is_truncated),
            next_continuation_token: next,
            prefix: input.prefix,
            ..ListObjectsV2Output::default()
        }))
    }
}
