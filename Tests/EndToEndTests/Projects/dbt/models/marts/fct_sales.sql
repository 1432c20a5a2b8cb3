{{ config(materialized="incremental", unique_key="id") }}

select id, customer_id, cents / {{ var("price_scale") }} as amount, updated_at
from {{ ref("stg_sales") }}
{% if is_incremental() %}
where updated_at >= (select max(updated_at) from {{ this }})
{% endif %}
