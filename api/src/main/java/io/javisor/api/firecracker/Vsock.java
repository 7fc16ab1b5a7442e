package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.VsockConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** Firecracker's {@code Vsock}. Its {@code vsock_id}, which is deprecated there, is taken and forgotten. */
record Vsock(VsockConfig config) {
    static Vsock read(JsonFields fields) {
        String _ = fields.string("vsock_id");
        long cid = fields.requireNumber("guest_cid", VsockConfig.MIN_CID, VsockConfig.MAX_CID);
        String path = fields.requireString("uds_path");
        fields.end();
        if (path.isEmpty()) {
            throw Fault.badRequest("\"uds_path\" is empty");
        }
        try {
            return new Vsock(new VsockConfig(cid, BootSource.path("uds_path", path)));
        } catch (ConfigException e) {
            throw Fault.badRequest(String.valueOf(e.getMessage()));
        }
    }

    Map<String, Object> view() {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("guest_cid", config.guestCid());
        view.put("uds_path", config.path().toString());
        return view;
    }
}
