package io.javisor.devices.virtio.net;

/** Why a frame went nowhere. The constants name counters. */
public enum NetDrop {
    /** Shorter than header and Ethernet header together. */
    RUNT,
    /** Longer than any frame, or than the driver's receive buffers. */
    TOO_LONG,
    /** A guest's header asks for what was not negotiated, or points out of the frame. */
    BAD_HEADER,
    /** A chain of more pieces than can be passed on. */
    TOO_MANY_PIECES,
    /** The link is down, or the host's side has gone. */
    LINK_DOWN,
    /** The host refused the frame. */
    REFUSED,
    /** The driver does not want frames to that address. */
    FILTERED,
    /** A frame for a guest needs an offload that its driver has not, as one that came before it was switched off. */
    UNWANTED_OFFLOAD,
    /** Came before the driver was there, or while the link was down. */
    STALE,
    /** Lay half delivered when the device was reset or saved. */
    INTERRUPTED
}
