# The server with the Postgres it runs by itself, in one image.
#
#     docker build -t entrepot .
#     docker run -p 8080:8080 -v "$PWD/examples/countries:/product:ro" -v entrepot:/var/lib/entrepot entrepot
#
# See docs/operations/docker.md.

FROM docker.io/library/debian:bookworm-slim AS build
WORKDIR /src
# the list of packages is in ./dev alone; a change elsewhere does not install them again
COPY dev ./
RUN ./dev setup build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN ./dev build && strip build/entrepot

FROM docker.io/library/debian:bookworm-slim
# LLVM serves Postgres's JIT only, which the private cluster has switched off: 100 MB less.
RUN mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates postgresql-15 libmicrohttpd12 libpq5 libjansson4 libjwt0 libssl3 \
        libyaml-0-2 libcurl4 zlib1g libzstd1 libpg-query1504.0 libpcre2-8-0 \
    && dpkg --purge --force-depends libllvm14 libz3-4 \
    && rm -rf /usr/lib/postgresql/15/lib/bitcode /usr/lib/postgresql/15/lib/llvmjit* \
        /var/lib/apt/lists/* /var/cache/apt/* /var/log/*.log /var/log/apt \
        /usr/share/doc/* /usr/share/man/* /usr/share/locale/* \
    && useradd --uid 10001 --user-group --home-dir /var/lib/entrepot --no-create-home \
        --shell /usr/sbin/nologin entrepot \
    && mkdir -p /product \
    && install -d -m 0700 -o entrepot -g entrepot /var/lib/entrepot
COPY --from=build /src/build/entrepot /usr/local/bin/entrepot
COPY LICENSE /usr/share/doc/entrepot/LICENSE

USER entrepot
# keys, and the private cluster unless ENTREPOT_DATABASE names another
ENV ENTREPOT_DATA_DIR=/var/lib/entrepot
ENV ENTREPOT_LISTEN=0.0.0.0:8080
VOLUME /var/lib/entrepot
EXPOSE 8080
STOPSIGNAL SIGTERM
# the first start makes a cluster; afterwards it is ready in a moment
HEALTHCHECK --start-period=60s --interval=15s --timeout=5s --retries=4 \
    CMD ["/usr/local/bin/entrepot", "health"]
ENTRYPOINT ["/usr/local/bin/entrepot"]
CMD ["serve", "/product"]
