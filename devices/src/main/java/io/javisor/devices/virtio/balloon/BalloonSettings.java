package io.javisor.devices.virtio.balloon;

/**
 * What a balloon offers.
 *
 * @param targetPages how many pages of 4 KiB the guest is asked for at first
 * @param deflateOnOom whether the guest may take pages back when it has no other
 * @param reporting whether the guest tells of pages that it does not use
 * @param statistics whether the guest tells of its memory
 */
public record BalloonSettings(int targetPages, boolean deflateOnOom, boolean reporting, boolean statistics) {}
