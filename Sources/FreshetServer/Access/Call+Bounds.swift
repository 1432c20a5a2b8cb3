import FreshetCore
import FreshetKit
import FreshetView

extension Call {
    /// Lets an effect go on only where it reaches no more than the caller may.
    ///
    /// Asked by every route with an effect on assets, before anything else is told of them.
    ///
    /// - Throws: ``Problem`` with the status 403.
    func requireReach(_ assets: some Sequence<AssetKey>) throws(Problem) {
        guard admission.bounds.reaches(Set(assets), in: project.graph) else {
            throw Problem(
                .forbidden,
                "This reaches assets that your token is not bound to; use another token, or name fewer assets."
            )
        }
    }

    /// What a sensor looks at.
    func assets(ofSensor name: String) -> [AssetKey] {
        project.assets.compactMap { asset in
            switch asset.work {
            case .probed: asset.spec.key.path == name ? asset.spec.key : nil
            case .sourced(let source): source == name ? asset.spec.key : nil
            case .branch, .materialized: nil
            }
        }
    }
}
