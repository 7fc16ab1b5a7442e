package io.javisor.devices.power;

/**
 * What a guest may ask of its machine. Called on a vCPU thread, without a lock, in the middle of the guest's access: an implementation
 * notes the request and returns; it does not block. Several vCPUs may call at once.
 */
public interface PowerControl {
    /** The guest switches itself off (ACPI S5). */
    void powerOff();

    /** The guest asks for a reset of the machine. */
    void reset();

    /**
     * The guest ends with a status.
     *
     * @param code 0 to 255
     */
    void exit(int code);

    /** The guest's kernel has panicked. */
    void guestPanicked();

    /** The guest's kernel has panicked and has a crash kernel that will run on. */
    void crashLoaded();
}
