package io.javisor.oci.transfer;

import io.javisor.oci.Digest;
import io.javisor.oci.store.StoredImage;

/**
 * What a pull came to.
 *
 * @param digest what the name stands for where it comes from: that of the manifest, or of a list on the way to it
 * @param upToDate whether it was the image of this name before, and no layer had to be fetched; so docker's "Image is up to date"
 */
public record PullResult(StoredImage image, Digest digest, boolean upToDate) {}
