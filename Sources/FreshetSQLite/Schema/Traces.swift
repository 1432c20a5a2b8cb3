extension Schema {
    /// Whose trace a run is part of.
    static let traces = """
        ALTER TABLE trigger ADD COLUMN trace_parent TEXT;

        """
}
