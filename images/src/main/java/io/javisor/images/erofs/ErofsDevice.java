package io.javisor.images.erofs;

/**
 * Device numbers in 32 bits (Linux 6.1, include/linux/kdev_t.h, new_encode_dev): the low byte of the minor number, 12 bits of the major,
 * the rest of the minor.
 */
final class ErofsDevice {
    private static final int MINOR_LOW_MASK = 0xFF;
    private static final int MAJOR_SHIFT = 8;
    private static final int MAJOR_MASK = 0xFFF;
    private static final int MINOR_HIGH_SHIFT = 12;

    private ErofsDevice() {}

    static int encode(int major, int minor) {
        return (minor & MINOR_LOW_MASK) | (major << MAJOR_SHIFT) | ((minor & ~MINOR_LOW_MASK) << MINOR_HIGH_SHIFT);
    }

    static int major(int device) {
        return (device >>> MAJOR_SHIFT) & MAJOR_MASK;
    }

    static int minor(int device) {
        return (device & MINOR_LOW_MASK) | ((device >>> MINOR_HIGH_SHIFT) & ~MINOR_LOW_MASK);
    }
}
