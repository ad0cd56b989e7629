//! Computes the bill of a month, and the price of a million requests to each endpoint.

use crate::Result;
use crate::call_cost::CallCost;
use crate::inputs::Inputs;
use crate::load::{Load, WORKER_MAIL, billed_gb_seconds};
use crate::prices::Tiers;
use crate::storage::{SECONDS_PER_MONTH, TableSize, gigabytes};

/// A line of the bill of a month.
#[derive(Clone, Debug, PartialEq)]
pub struct BillLine {
    /// The service or unit of AWS that is billed.
    pub what: &'static str,
    /// The amount that is billed for a month, and its unit.
    pub amount: (f64, &'static str),
    /// The price of this amount in US dollars.
    pub dollars: f64,
}

/// Months of growth that the bill's storage has.
pub(crate) const MONTHS_OF_GROWTH: f64 = 12.0;

/// Computes the bill of a month in which the load never pauses. SQS is not on it, because only dead letters go there.
pub fn monthly_bill(inputs: &Inputs, load: &Load<'_>, size: &TableSize) -> Vec<BillLine> {
    let prices = &inputs.prices;
    let total = load.total();
    let millions = |per_s: f64| per_s * SECONDS_PER_MONTH / 1e6;
    let requests = load.requests_per_s();
    let compute = &inputs.limits.compute;
    let month_gb = |bytes: f64| gigabytes(requests * SECONDS_PER_MONTH * bytes);
    let table_gb = size.after_months_gb(MONTHS_OF_GROWTH);
    // A price may be for a smaller unit than the line's.
    let scaled_line = |what, amount: f64, unit, price: &Tiers, units: f64| BillLine {
        what,
        amount: (amount, unit),
        dollars: price.cost(amount * units),
    };
    let line = |what, amount, unit, price: &Tiers| scaled_line(what, amount, unit, price, 1.0);
    let dynamodb = &prices.dynamodb.value;
    let lambda = &prices.lambda.value;
    let (writes, reads) = (millions(total.writes), millions(total.reads));
    let (log_gb, sent_gb) = (month_gb(compute.log_bytes), month_gb(compute.response_bytes));
    let mails = millions(load.mails_per_s);
    vec![
        line("DynamoDB writes", writes, "million units", &dynamodb.per_million_writes),
        line("DynamoDB reads", reads, "million units", &dynamodb.per_million_reads),
        line(
            "DynamoDB storage after a year",
            table_gb,
            "GB",
            &prices.dynamodb_storage.value.per_gb_month,
        ),
        line(
            "DynamoDB backup after a year",
            table_gb,
            "GB",
            &prices.dynamodb_backup.value.per_gb_month,
        ),
        line("Lambda requests", millions(total.requests), "million", &lambda.per_million_requests),
        scaled_line(
            "Lambda time",
            millions(total.gb_seconds),
            "million GB-seconds",
            &lambda.per_gb_second,
            1e6,
        ),
        line(
            "API Gateway",
            millions(requests),
            "million",
            &prices.api_gateway.value.per_million_requests,
        ),
        line("CloudWatch Logs", log_gb, "GB", &prices.cloudwatch_logs.value.per_gb),
        line(
            "storage of logs for a month",
            log_gb,
            "GB",
            &prices.cloudwatch_log_storage.value.per_gb_month,
        ),
        line("data transfer", sent_gb, "GB", &prices.data_transfer_out.value.per_gb),
        scaled_line("SES", mails, "million mails", &prices.ses.value.per_thousand_mails, 1e3),
        line(
            "Secrets Manager",
            inputs.template.secrets,
            "secrets",
            &prices.secrets_manager.value.per_secret_month,
        ),
    ]
}

/// Returns the US dollars of a million calls, with their logs, data transfer and mails. It uses the first tier of each
/// price, which is the highest.
///
/// # Errors
/// Fails if the call has no route.
pub fn dollars_per_million(inputs: &Inputs, cost: &CallCost) -> Result<f64> {
    let mails = inputs.workload.mails.get(&cost.label).copied().unwrap_or_default();
    let is_worker = cost.label.starts_with("worker: ");
    let worker_mail =
        if mails > 0.0 { dollars_per_million(inputs, inputs.cost(WORKER_MAIL)?)? } else { 0.0 };
    let prices = &inputs.prices;
    let gb_seconds = billed_gb_seconds(inputs, cost)?;
    let compute = &inputs.limits.compute;
    let gateway = prices.api_gateway.value.per_million_requests.first()
        + 1e6 * gigabytes(compute.response_bytes) * prices.data_transfer_out.value.per_gb.first();
    Ok(cost.reads * prices.dynamodb.value.per_million_reads.first()
        + cost.writes * prices.dynamodb.value.per_million_writes.first()
        + prices.lambda.value.per_million_requests.first()
        + 1e6 * gb_seconds * prices.lambda.value.per_gb_second.first()
        + 1e6 * gigabytes(compute.log_bytes) * prices.cloudwatch_logs.value.per_gb.first()
        + if is_worker { 0.0 } else { gateway }
        + mails * (1e3 * prices.ses.value.per_thousand_mails.first() + worker_mail))
}
