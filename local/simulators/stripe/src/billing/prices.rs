//! Creates products and prices: those of the plans, and of one-time purchases.

use serde_json::json;

use crate::operation::Operation;

/// A monthly price of the catalog and its product.
pub(crate) struct CatalogPrice {
    pub(crate) id: &'static str,
    pub(crate) product_id: &'static str,
    /// The name of the product.
    pub(crate) name: &'static str,
    /// The amount per month in cents.
    pub(crate) cents: i64,
}

/// The prices that exist from the start: those of the plans, and one of something else.
pub(crate) const CATALOG: [CatalogPrice; 4] = [
    CatalogPrice {
        id: "price_basic_monthly",
        product_id: "prod_basic",
        name: "Basic",
        cents: 5_000,
    },
    CatalogPrice { id: "price_pro_monthly", product_id: "prod_pro", name: "Pro", cents: 20_000 },
    CatalogPrice {
        id: "price_enterprise_monthly",
        product_id: "prod_enterprise",
        name: "Enterprise",
        cents: 50_000,
    },
    CatalogPrice {
        id: "price_unrelated",
        product_id: "prod_unrelated",
        name: "Something else of the same account",
        cents: 700,
    },
];

/// The price of each plan, in the format of the service's `STRIPE_PRICES` setting.
pub const PLAN_PRICES: &str =
    "basic=price_basic_monthly;pro=price_pro_monthly;enterprise=price_enterprise_monthly";

/// Creates the products and prices of the catalog that do not exist yet.
pub(crate) fn create_catalog(op: &mut Operation<'_>) {
    for CatalogPrice { id, product_id, name, cents } in CATALOG {
        if op.store.get_any(id).is_some() {
            continue;
        }
        op.create_object(
            "product",
            product_id,
            json!({"default_price": id, "description": null, "name": name, "metadata": {},
                "package_dimensions": null, "type": "service", "updated": op.now}),
        );
        op.create_object(
            "price",
            id,
            json!({"custom_unit_amount": null, "metadata": {}, "product": product_id,
                "transform_quantity": null, "unit_amount": cents,
                "unit_amount_decimal": cents.to_string()}),
        );
    }
}

/// Creates an inactive price and its product for one payment. Returns the id of the price.
pub(crate) fn create_one_time(op: &mut Operation<'_>, name: &str, cents: i64) -> String {
    let (price, product) = (op.new_id("price"), op.new_id("prod"));
    let fields = json!({"active": false, "default_price": null, "description": null, "name": name,
        "metadata": {}, "package_dimensions": null, "type": "service", "updated": op.now});
    op.create_object("product", &product, fields);
    let fields = json!({"active": false, "custom_unit_amount": null, "metadata": {}, "product": product,
        "recurring": null, "transform_quantity": null, "type": "one_time", "unit_amount": cents,
        "unit_amount_decimal": cents.to_string()});
    op.create_object("price", &price, fields);
    price
}

/// Returns the name of a price's product.
pub(crate) fn product_name(op: &Operation<'_>, price: &str) -> String {
    op.text(&op.text(price, "/product"), "/name")
}
