package io.javisor.oci.archive;

/** What a saved archive may be read as. Each is a tar file with the blobs in {@code blobs/sha256}. */
public enum ArchiveFormat {
    /** As docker's since version 25: an OCI layout that has manifest.json too. docker, podman and skopeo read it. */
    DOCKER_AND_OCI(true, true),
    /** An OCI layout alone. */
    OCI(true, false),
    /** With manifest.json alone. */
    DOCKER(false, true);

    private final boolean layout;
    private final boolean docker;

    ArchiveFormat(boolean layout, boolean docker) {
        this.layout = layout;
        this.docker = docker;
    }

    boolean hasLayout() {
        return layout;
    }

    boolean hasDockerManifest() {
        return docker;
    }
}
