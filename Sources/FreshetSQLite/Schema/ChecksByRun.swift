extension Schema {
    /// A run is shown with its checks, one of each name.
    static let checksByRun = """
        CREATE UNIQUE INDEX asset_check_run ON asset_check (run, asset, partition, name);

        """
}
