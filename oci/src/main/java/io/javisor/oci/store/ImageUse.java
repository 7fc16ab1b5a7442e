package io.javisor.oci.store;

/**
 * A container that uses an image.
 *
 * @param container its ID
 * @param running whether it runs
 */
public record ImageUse(String container, boolean running) {}
