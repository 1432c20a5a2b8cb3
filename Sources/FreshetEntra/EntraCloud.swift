/// A cloud of Microsoft's, each with its own addresses.
///
/// - SeeAlso: "Embed Power BI content for national clouds" (learn.microsoft.com); the community cloud of the US
///   government signs in where the public cloud does.
package enum EntraCloud: String, CaseIterable, Sendable {
    case `public`
    case usGov = "us_gov"
    case usGovHigh = "us_gov_high"
    case usGovDoD = "us_gov_dod"
    case china

    package var authorityURL: String {
        switch self {
        case .public, .usGov: "https://login.microsoftonline.com"
        case .usGovHigh, .usGovDoD: "https://login.microsoftonline.us"
        case .china: "https://login.chinacloudapi.cn"
        }
    }
}
