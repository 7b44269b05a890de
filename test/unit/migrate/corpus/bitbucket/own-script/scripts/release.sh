#!/bin/sh
set -e
zip -qr shop.zip .
aws deploy push --application-name shop --s3-location "s3://shop-builds/$1.zip"
