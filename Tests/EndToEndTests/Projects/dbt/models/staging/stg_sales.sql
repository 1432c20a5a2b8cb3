select id, customer_id, cents, updated_at from {{ source('raw', 'sales') }}
