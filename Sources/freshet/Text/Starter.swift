/// What `freshet init` writes.
enum Starter {
    static func files(project: String) -> [(path: String, text: String)] {
        [
            ("freshet.yaml", definition(project)),
            ("assets/sales.yaml", assets),
            (".gitignore", ".freshet/\n"),
        ]
    }

    private static func definition(_ project: String) -> String {
        """
        project: \(project)
        timezone: UTC
        store: .freshet/freshet.db

        connections:
          # A service principal that may refresh the models; see docs/powerbi.md.
          powerbi:
            kind: powerbi
            tenant_id: ${env:POWERBI_TENANT_ID}
            client_id: ${env:POWERBI_CLIENT_ID}
            client_secret: ${secret:env/POWERBI_CLIENT_SECRET}
          # What the dashboards are fed from.
          warehouse:
            kind: postgresql
            url: "${secret:env/WAREHOUSE_URL}"

        defaults:
          powerbi.semantic_model:
            automation: {on: change, quiet_period: 2m, min_interval: 15m, max_skip: 24h}
            retry: {count: 3, delay: 15m}
            timeout: 2h

        """
    }

    private static let assets = """
        assets:
          # Looked at every minute: a new row, or a newer one, is a change.
          - key: warehouse/fct_sales
            kind: sql.table
            connection: warehouse
            table: analytics.fct_sales
            change: [row_count, max(updated_at)]
            every: 1m

          # Refreshed when a table it reads has changed, and then only that table.
          - key: powerbi/sales
            kind: powerbi.semantic_model
            connection: powerbi
            workspace: Retail
            model: Sales
            refresh:
              tables:
                fct_sales: {from: warehouse/fct_sales}
            freshness: {by: "07:30", on: weekdays, max_data_age: 2h}

        """
}
