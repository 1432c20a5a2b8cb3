select product, pieces, updated_at from {{ ref("stg_stock") }}
