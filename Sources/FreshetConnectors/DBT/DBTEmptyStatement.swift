/// Decides where `rows_affected: 0` proves that a table is as it was.
///
/// Most adapters write 0, 1, -1 or nothing whatever happened, and all of them count the last statement only. So it is
/// believed where a single counted statement does all the writing, and nowhere else.
struct DBTEmptyStatement {
    var adapter: String?
    /// Of dbt-core, such as `1.8.2`.
    var dbtVersion: String?
    /// Of the node, from the manifest.
    var config: DBTManifest.Config?

    func isProven(by response: DBTRunResults.AdapterResponse?) -> Bool {
        guard let config, response?.rowsAffected?.value == 0, let code = response?.code?.value?.uppercased() else {
            return false
        }
        // A hook writes what is not counted.
        guard config.preHook?.isStated != true, config.postHook?.isStated != true else { return false }
        return isCounted(code) && writesOnce(config)
    }

    private func isCounted(_ code: String) -> Bool {
        switch adapter {
        // After insert_overwrite it may be the final DROP that is reported: dbt-adapters #1208.
        case "bigquery": code == "MERGE"
        case "postgres": Self.countedCodes.contains(code)
        // Before 1.2 every statement affected one row: dbt-snowflake #147.
        case "snowflake": Self.countedCodes.contains(code) && isAtLeast(1, 2)
        default: false
        }
    }

    private static let countedCodes: Set<String> = ["DELETE", "INSERT", "MERGE", "UPDATE"]

    private func writesOnce(_ config: DBTManifest.Config) -> Bool {
        switch config.materialized {
        case "incremental":
            switch config.incrementalStrategy?.value?.lowercased() {
            case "append", "merge": true
            // PostgreSQL's is delete+insert as soon as there is a unique key.
            case nil, "default": adapter != "postgres" || config.uniqueKey?.isStated != true
            default: false
            }
        case "snapshot":
            // PostgreSQL closes the rows that are gone in an UPDATE before the INSERT that is counted.
            adapter != "postgres"
                || (config.hardDeletes?.value ?? "ignore") == "ignore" && config.invalidateHardDeletes?.value != true
        default: false
        }
    }

    private func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let parts = (dbtVersion ?? "").split(separator: ".").prefix(2).compactMap { Int($0) }
        return parts.count == 2 && (parts[0], parts[1]) >= (major, minor)
    }
}
