# The manager's image: one static binary, run by a user without rights.
#
#   docker build -t amends/manager:latest .
#   docker buildx build --platform linux/amd64,linux/arm64 -t amends/manager:latest .

# GO_VERSION is the Go release that builds it; go.mod says the oldest that can.
ARG GO_VERSION=1.26.8

# BASE_IMAGE is what the binary is put into. Empty ("scratch") is enough: the binary is static, has the time zones
# in it, and trusts only the authority that the cluster gives its service account. For scanners that want a
# distribution, or for certificate authorities of your own, name a static, non-root distroless image:
#   --build-arg BASE_IMAGE=<registry>/<distroless static image>:nonroot
ARG BASE_IMAGE=scratch

# The compiler runs on the machine's own platform and builds for the target's: nothing is emulated.
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src

# What is downloaded depends on these two files alone, so an edit of the code does not download again.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download

# Only what the binary is made of.
COPY api/ api/
COPY cmd/ cmd/
COPY controllers/ controllers/
COPY internal/ internal/

ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} GOTOOLCHAIN=local \
    go build -trimpath -buildvcs=false -ldflags="-s -w -X main.version=${VERSION}" -o /out/manager ./cmd/manager

FROM ${BASE_IMAGE}
COPY --from=build /out/manager /manager
# By number, so that the kubelet can see that it is not root.
USER 65532:65532
ENTRYPOINT ["/manager"]
