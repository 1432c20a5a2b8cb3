internal import FreshetEntra

extension PowerBIConnection {
    /// Where a person sees a model in the service, by the target of an operation on it.
    ///
    /// - Returns: `nil` for what is no model, and where `api_url` names something else than a cloud of Microsoft's.
    /// - SeeAlso: "Embed Power BI content for national clouds" (learn.microsoft.com), which names the portals.
    package func pageAddress(of target: String) -> String? {
        guard let model = ModelAddress(target: target),
            let cloud = EntraCloud.allCases.first(where: { $0.powerBIURL == client.apiURL })
        else { return nil }
        return cloud.powerBIURL.replacing("://api.", with: "://app.") + "/\(model.path)/details"
    }
}
