package io.javisor.machine;

import io.javisor.machine.wiring.VirtioDevices;

/** A change to virtio devices while their machine lives. */
@FunctionalInterface
interface VirtioChange {
    /** Makes it, to the devices of the present life. */
    void apply(VirtioDevices devices) throws InterruptedException;

    /** Who has changes made: one at a time, and none while a life begins or ends. */
    @FunctionalInterface
    interface Maker {
        /**
         * Makes a change, and waits for it.
         *
         * @throws IllegalStateException if the machine has ended
         */
        void make(VirtioChange change) throws InterruptedException;
    }
}
