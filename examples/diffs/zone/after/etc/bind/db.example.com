$TTL 3600
@       IN SOA  ns1.example.com. hostmaster.example.com. (
                2026111701 ; serial
                7200 3600 1209600 3600 )
        IN NS   ns1
        IN MX   10 mail
ns1     IN A    10.0.0.53
ns2     IN A    10.0.1.53
mail    IN A    10.0.0.25
www     300 IN CNAME shop
shop    IN A    10.0.0.81
