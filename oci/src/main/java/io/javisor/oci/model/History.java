package io.javisor.oci.model;

import java.time.Instant;
import java.util.Optional;

/**
 * One step of how an image was made (OCI image-spec 1.1, config.md, "history"). The texts are as they came: made printable before they are shown.
 *
 * @param createdBy the command, or ""
 * @param emptyLayer whether it made no layer
 */
public record History(Optional<Instant> created, String createdBy, String author, String comment, boolean emptyLayer) {}
