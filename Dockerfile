# NOT BUILT BY THE PROJECT'S OWN TESTS: where they run there is no container engine. What is in the image is the Debian
# package, which scripts/test-install tries on a bare Debian.
#
#     docker build --tag freshet --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" .
#
# docs/install.md says how a project gets into it, and secrets, and the port.

FROM swift:6.3-bookworm AS build
WORKDIR /source
# By itself, so that it stays in the cache when the sources change.
COPY scripts/setup scripts/setup
RUN scripts/setup build && scripts/setup release
COPY . .
# The commit's time: the same commit gives the same package.
ARG SOURCE_DATE_EPOCH
RUN scripts/release

FROM debian:bookworm-slim
# curl asks the daemon how it is; python3 runs the plugins that ship.
RUN --mount=type=bind,from=build,source=/source/dist,target=/dist \
    apt-get update \
    && apt-get install --yes --no-install-recommends /dist/freshet_*.deb curl python3 \
    && rm -rf /var/lib/apt/lists/*
# The package's own user and folders: /etc/freshet/.freshet leads to /var/lib/freshet.
USER freshet
ENV FRESHET_PROJECT=/etc/freshet
WORKDIR /var/lib/freshet
VOLUME /var/lib/freshet
# The daemon's own socket answers whatever port is listened on.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5m \
    CMD ["curl", "--fail", "--silent", "--show-error", "--unix-socket", "/var/lib/freshet/freshet.db.sock", "http://localhost/readyz"]
ENTRYPOINT ["freshet"]
CMD ["up"]
