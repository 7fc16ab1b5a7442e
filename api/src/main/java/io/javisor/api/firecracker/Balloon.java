package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.wiring.BalloonView;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Firecracker's {@code Balloon}.
 *
 * @param amountMib how much of its memory the guest is asked for
 * @param pollingSeconds how often it is asked for statistics, 0 for never
 */
record Balloon(long amountMib, boolean deflateOnOom, int pollingSeconds, boolean reporting) {
    private static final long MAX_MIB = 1L << 32;

    static Balloon read(JsonFields fields) {
        long amount = amount(fields);
        boolean deflate = fields.requireBool("deflate_on_oom");
        Long polling = fields.number("stats_polling_interval_s", 0, BalloonConfig.MAX_STATISTICS_SECONDS);
        Boolean reporting = fields.bool("free_page_reporting");
        Boolean hinting = fields.bool("free_page_hinting");
        fields.end();
        if (hinting != null && hinting) {
            throw Fault.badRequest("\"free_page_hinting\" is not supported: javisor's balloon has free_page_reporting");
        }
        return new Balloon(amount, deflate, polling == null ? 0 : polling.intValue(), reporting != null && reporting);
    }

    /** Of a machine that was made otherwise. */
    static Balloon of(BalloonConfig config) {
        return new Balloon(
                config.sizeBytes() >> 20,
                config.deflateOnOom(),
                config.statisticsSeconds(),
                config.freePageReporting());
    }

    static long amount(JsonFields fields) {
        return fields.requireNumber("amount_mib", 0, MAX_MIB);
    }

    Balloon withAmount(long mib) {
        return new Balloon(mib, deflateOnOom, pollingSeconds, reporting);
    }

    Balloon withPolling(int seconds) {
        return new Balloon(amountMib, deflateOnOom, seconds, reporting);
    }

    BalloonConfig toConfig() {
        return new BalloonConfig(amountMib << 20, reporting, deflateOnOom, pollingSeconds);
    }

    Map<String, Object> view() {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("amount_mib", amountMib);
        view.put("deflate_on_oom", deflateOnOom);
        view.put("stats_polling_interval_s", pollingSeconds);
        view.put("free_page_hinting", false);
        view.put("free_page_reporting", reporting);
        return view;
    }

    /** Firecracker's {@code BalloonStats}, of what the guest has told. */
    static Map<String, Object> statistics(BalloonView balloon) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("target_pages", balloon.targetBytes() >> 12);
        view.put("actual_pages", balloon.actualBytes() >> 12);
        view.put("target_mib", balloon.targetBytes() >> 20);
        view.put("actual_mib", balloon.actualBytes() >> 20);
        balloon.statistics().forEach((tag, value) -> view.put(tag.name().toLowerCase(Locale.ROOT), value));
        return view;
    }
}
