extension AssetKey {
    /// The existing key that an unknown one most likely meant.
    ///
    /// A key that ends in what was written comes first (`fct_sales` for `warehouse/fct_sales`), then the one at the
    /// least edit distance, then one whose last component is near; see ``nearest(_:among:)``.
    ///
    /// - Returns: one of `keys`, or `nil` when none is near.
    public static func nearest(to unknown: AssetKey, among keys: some Sequence<AssetKey>) -> AssetKey? {
        let keys = Array(keys)
        let ending = "/" + unknown.path
        if let key = keys.filter({ $0.path.hasSuffix(ending) }).min() { return key }
        if let path = FreshetCore.nearest(unknown.path, among: keys.lazy.map(\.path)) { return AssetKey(path) }

        guard let name = FreshetCore.nearest(unknown.name, among: keys.lazy.map(\.name)) else { return nil }
        return keys.filter { $0.name == name }.min()
    }

    /// The last component.
    private var name: String { String(path.split(separator: "/").last ?? "") }
}
