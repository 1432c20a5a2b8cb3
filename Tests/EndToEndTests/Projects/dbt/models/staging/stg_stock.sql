select product, pieces, updated_at from {{ source('raw', 'stock') }}
