package io.javisor.devices.virtio;

/**
 * What status, features and queues of a function share. The object is the lock of all registers: it is held neither while a device is called nor
 * while a line is signalled.
 */
final class DeviceLife {
    final StatusRegister status = new StatusRegister();
    final FeatureRegisters features;

    /** 0 before FEATURES_OK. Volatile, for the configuration space is read without the lock. */
    volatile long negotiated;

    /** Counts resets: what is handed to the loop carries it, and does nothing once it is another's. */
    volatile int number;

    /** The driver has set DRIVER_OK: the loop knows of this life. */
    boolean handedOver;

    /** A reset is under way. */
    boolean resetting;

    DeviceLife(FeatureRegisters features) {
        this.features = features;
    }

    void clear() {
        status.set(0);
        features.clear();
        negotiated = 0;
        handedOver = false;
        resetting = false;
    }
}
