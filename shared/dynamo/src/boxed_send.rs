//! Sends requests of the SDK as boxed futures.
//!
//! The future of a call of the SDK is large, and each future that awaits it would contain it. In a box, it is also
//! compiled once, in this crate. Otherwise, each crate that awaits a read or a write would compile it again.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation;
use futures_util::future::BoxFuture;

/// A request that can be sent as a boxed future.
pub(crate) trait BoxedSend {
    /// The response of DynamoDB.
    type Response;
    /// The error of the operation.
    type Failure;

    /// Sends the request.
    fn send_boxed(self) -> BoxFuture<'static, Result<Self::Response, SdkError<Self::Failure>>>;
}

/// Implements [`BoxedSend`] for the requests of some operations.
macro_rules! implement_boxed_send {
    ($($module:ident: $request:ident, $response:ident, $failure:ident;)*) => {$(
        impl BoxedSend for operation::$module::builders::$request {
            type Response = operation::$module::$response;
            type Failure = operation::$module::$failure;

            fn send_boxed(
                self,
            ) -> BoxFuture<'static, Result<Self::Response, SdkError<Self::Failure>>> {
                Box::pin(self.send())
            }
        }
    )*};
}

implement_boxed_send! {
    batch_get_item: BatchGetItemFluentBuilder, BatchGetItemOutput, BatchGetItemError;
    batch_write_item: BatchWriteItemFluentBuilder, BatchWriteItemOutput, BatchWriteItemError;
    delete_item: DeleteItemFluentBuilder, DeleteItemOutput, DeleteItemError;
    get_item: GetItemFluentBuilder, GetItemOutput, GetItemError;
    put_item: PutItemFluentBuilder, PutItemOutput, PutItemError;
    query: QueryFluentBuilder, QueryOutput, QueryError;
    transact_get_items: TransactGetItemsFluentBuilder, TransactGetItemsOutput, TransactGetItemsError;
    transact_write_items: TransactWriteItemsFluentBuilder, TransactWriteItemsOutput, TransactWriteItemsError;
    update_item: UpdateItemFluentBuilder, UpdateItemOutput, UpdateItemError;
}
