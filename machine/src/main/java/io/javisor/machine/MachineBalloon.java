package io.javisor.machine;

import io.javisor.machine.wiring.Balloon;
import io.javisor.machine.wiring.BalloonView;
import io.javisor.machine.wiring.VirtioDevices;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A machine's balloon, which it may not have, as it is changed while the machine runs. Any thread but the machine's event loop. */
public final class MachineBalloon {
    private final VirtioChange.Maker machine;
    private final Supplier<@Nullable VirtioDevices> present;

    /** @param present the devices of the present life, or null, without waiting for a change */
    MachineBalloon(VirtioChange.Maker machine, Supplier<@Nullable VirtioDevices> present) {
        this.machine = machine;
        this.present = present;
    }

    /**
     * Asks the guest for memory, or offers it back, until its balloon has that size. The guest takes its time, and may not have so much.
     *
     * @throws io.javisor.machine.config.ConfigException if there is no balloon, or it can't have that size
     * @throws IllegalStateException if the machine has ended
     */
    public void setSize(long sizeBytes) throws InterruptedException {
        machine.make(devices -> devices.requireBalloon().setSize(sizeBytes));
    }

    /**
     * Has the guest tell of its memory so often from now on.
     *
     * @param seconds at least 1
     * @throws io.javisor.machine.config.ConfigException if there is no balloon, or one without statistics
     * @throws IllegalStateException if the machine has ended
     */
    public void setStatistics(int seconds) throws InterruptedException {
        machine.make(devices -> devices.requireBalloon().setStatistics(seconds));
    }

    /** The balloon at this moment; null if there is none, or the machine has ended. Waits for nothing. */
    public @Nullable BalloonView view() {
        VirtioDevices devices = present.get();
        Balloon balloon = devices == null ? null : devices.balloon();
        return balloon == null ? null : balloon.view();
    }
}
