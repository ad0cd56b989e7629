//! The products and prices that there are from the start.

use serde_json::json;

use super::work::Work;

/// Price, product, name, cents a month.
pub(super) const PRICES: [(&str, &str, &str, i64); 4] = [
    ("price_basic_monthly", "prod_basic", "Basic", 5_000),
    ("price_pro_monthly", "prod_pro", "Pro", 20_000),
    ("price_enterprise_monthly", "prod_enterprise", "Enterprise", 50_000),
    ("price_unrelated", "prod_unrelated", "Something else of the same account", 700),
];

/// Which price is of which plan, as `STRIPE_PRICES` says it. One price is of none.
pub(crate) const PLANS: &str =
    "basic=price_basic_monthly;pro=price_pro_monthly;enterprise=price_enterprise_monthly";

/// Makes those that aren't there yet.
pub(super) fn ensure(work: &mut Work<'_>) {
    for (price, product, name, cents) in PRICES {
        if work.store.any(price).is_some() {
            continue;
        }
        work.make(
            "product",
            product,
            json!({"default_price": price, "description": null, "name": name, "metadata": {},
                "package_dimensions": null, "type": "service", "updated": work.now}),
        );
        work.make(
            "price",
            price,
            json!({"custom_unit_amount": null, "metadata": {}, "product": product,
                "transform_quantity": null, "unit_amount": cents,
                "unit_amount_decimal": cents.to_string()}),
        );
    }
}

/// A price for one payment, which nothing lists.
pub(super) fn inline(work: &mut Work<'_>, name: &str, cents: i64) -> String {
    let (price, product) = (work.id("price"), work.id("prod"));
    let fields = json!({"active": false, "default_price": null, "description": null, "name": name,
        "metadata": {}, "package_dimensions": null, "type": "service", "updated": work.now});
    work.make("product", &product, fields);
    let fields = json!({"active": false, "custom_unit_amount": null, "metadata": {}, "product": product,
        "recurring": null, "transform_quantity": null, "type": "one_time", "unit_amount": cents,
        "unit_amount_decimal": cents.to_string()});
    work.make("price", &price, fields);
    price
}
