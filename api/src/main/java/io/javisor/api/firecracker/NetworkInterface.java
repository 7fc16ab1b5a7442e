package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.devices.virtio.net.MacAddress;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's {@code NetworkInterface}: a card on a tap.
 *
 * @param mac null for one of ours
 * @param mtu 0 for the tap's
 */
record NetworkInterface(String id, String tap, @Nullable MacAddress mac, int mtu) {
    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 65_535;

    static NetworkInterface read(JsonFields fields) {
        String id = fields.requireString("iface_id");
        String tap = fields.requireString("host_dev_name");
        String mac = fields.string("guest_mac");
        Long mtu = fields.number("mtu", MIN_MTU, MAX_MTU);
        RateLimit.read(fields.object("rx_rate_limiter")).requireNone("rx_rate_limiter");
        RateLimit.read(fields.object("tx_rate_limiter")).requireNone("tx_rate_limiter");
        fields.end();
        try {
            NetworkInterface card = new NetworkInterface(
                    id, tap, mac == null ? null : MacAddress.parse(mac), mtu == null ? 0 : mtu.intValue());
            NetConfig _ = card.toNet();
            return card;
        } catch (ConfigException | IllegalArgumentException e) {
            throw Fault.badRequest("network interface " + id + ": " + e.getMessage());
        }
    }

    NetConfig toNet() {
        return new NetConfig(new NetConfig.Tap(tap, null, 1, mtu), mac);
    }

    Map<String, @Nullable Object> view() {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("iface_id", id);
        view.put("host_dev_name", tap);
        view.put("guest_mac", mac == null ? null : mac.toString());
        view.put("mtu", mtu == 0 ? null : mtu);
        view.put("rx_rate_limiter", null);
        view.put("tx_rate_limiter", null);
        return view;
    }
}
