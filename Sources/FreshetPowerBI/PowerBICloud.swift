internal import FreshetEntra

extension EntraCloud {
    /// The REST interface, without `/v1.0/myorg`.
    ///
    /// - SeeAlso: "Embed Power BI content for national clouds" (learn.microsoft.com).
    var powerBIURL: String {
        switch self {
        case .public: "https://api.powerbi.com"
        case .usGov: "https://api.powerbigov.us"
        case .usGovHigh: "https://api.high.powerbigov.us"
        case .usGovDoD: "https://api.mil.powerbigov.us"
        case .china: "https://api.powerbi.cn"
        }
    }

    var powerBIScope: String {
        switch self {
        case .public: "https://analysis.windows.net/powerbi/api/.default"
        case .usGov: "https://analysis.usgovcloudapi.net/powerbi/api/.default"
        case .usGovHigh: "https://high.analysis.usgovcloudapi.net/powerbi/api/.default"
        case .usGovDoD: "https://mil.analysis.usgovcloudapi.net/powerbi/api/.default"
        case .china: "https://analysis.chinacloudapi.cn/powerbi/api/.default"
        }
    }
}
