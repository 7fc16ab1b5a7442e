package io.javisor.devices.virtio;

/** The feature bits of device and driver, 32 at a time (virtio 1.2 §2.2). Guarded by its function's lock. */
final class FeatureRegisters {
    private final VirtioDevice<?> device;
    private final long offered;
    int deviceSelect;
    int driverSelect;
    long driver;
    /** Whether the driver wants one past the 64th, of which there is none. */
    boolean unknown;

    FeatureRegisters(VirtioDevice<?> device, long offered) {
        this.device = device;
        this.offered = offered;
    }

    void clear() {
        deviceSelect = 0;
        driverSelect = 0;
        driver = 0;
        unknown = false;
    }

    int readDevice() {
        return window(offered, deviceSelect);
    }

    int readDriver() {
        return window(driver, driverSelect);
    }

    void writeDriver(int bits) {
        switch (driverSelect) {
            case 0 -> driver = (driver & 0xFFFF_FFFF_0000_0000L) | Integer.toUnsignedLong(bits);
            case 1 -> driver = (driver & 0xFFFF_FFFFL) | ((long) bits << Integer.SIZE);
            default -> unknown |= bits != 0;
        }
    }

    /** Whether the device can work with what the driver wrote (virtio 1.2 §2.2.2, §6.2). */
    boolean acceptable() {
        return !unknown
                && (driver & ~offered) == 0
                && VirtioFeature.has(driver, VirtioFeature.VIRTIO_F_VERSION_1)
                && device.accepts(driver);
    }

    private static int window(long features, int select) {
        return switch (select) {
            case 0 -> (int) features;
            case 1 -> (int) (features >>> Integer.SIZE);
            default -> 0;
        };
    }
}
