package io.javisor.devices.power;

import java.util.ArrayList;
import java.util.List;

/** Remembers what a guest asked for. */
final class RecordingControl implements PowerControl {
    final List<String> requests = new ArrayList<>();

    @Override
    public void powerOff() {
        requests.add("powerOff");
    }

    @Override
    public void reset() {
        requests.add("reset");
    }

    @Override
    public void exit(int code) {
        requests.add("exit " + code);
    }

    @Override
    public void guestPanicked() {
        requests.add("guestPanicked");
    }

    @Override
    public void crashLoaded() {
        requests.add("crashLoaded");
    }
}
